"""The main topic; bindings are closed, never rewritten; the client row copies its open main binding (decision 17)."""

from django.db import migrations

from core.sql import append_only, trigger

COPY = """
CREATE FUNCTION clients_copy_binding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE clients_client c SET salespoint_id = b.salespoint_id, manager_id = b.manager_id
    FROM (
        SELECT DISTINCT ON (n.client_id) n.client_id, o.salespoint_id, o.manager_id
        FROM changed n
        JOIN clients_bindingtopic t ON t.id = n.topic_id AND t.code = 'main'
        LEFT JOIN clients_binding o ON o.client_id = n.client_id AND o.topic_id = n.topic_id AND o.closed_at IS NULL
        ORDER BY n.client_id
    ) b
    WHERE c.id = b.client_id AND (c.salespoint_id, c.manager_id) IS DISTINCT FROM (b.salespoint_id, b.manager_id);
    RETURN NULL;
END $$;
CREATE TRIGGER clients_copy_binding_insert AFTER INSERT ON clients_binding
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION clients_copy_binding();
CREATE TRIGGER clients_copy_binding_update AFTER UPDATE ON clients_binding
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION clients_copy_binding();
"""
UNCOPY = """
DROP TRIGGER clients_copy_binding_insert ON clients_binding;
DROP TRIGGER clients_copy_binding_update ON clients_binding;
DROP FUNCTION clients_copy_binding();
"""

# manager NULL → X, or closing; everything else is a new row.
IN_PLACE = """
    OLD.closed_at IS NULL
    AND (NEW.client_id, NEW.topic_id, NEW.salespoint_id, NEW.since, NEW.reason)
        = (OLD.client_id, OLD.topic_id, OLD.salespoint_id, OLD.since, OLD.reason)
    AND (OLD.manager_id IS NULL OR NEW.manager_id = OLD.manager_id)
"""


def seed(apps, schema_editor):
    BindingTopic = apps.get_model("clients", "BindingTopic")
    for order, (code, title) in enumerate(
        [("main", "Основная"), ("tenders", "Торги"), ("contractors", "Контрагенты"), ("return", "Возврат")]
    ):
        BindingTopic.objects.create(code=code, title=title, order=order)


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        append_only("clients_binding", allow=IN_PLACE),
        trigger(COPY, UNCOPY),
    ]
