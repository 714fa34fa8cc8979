"""Ticket numbers of 8 digits, the default contract, steps written once, internal text never shown."""

from django.db import migrations

from core.sql import append_only, refuse

STAYS_INTERNAL = """
BEGIN
    IF NEW.kind <> OLD.kind AND 'internal' IN (NEW.kind, OLD.kind) THEN REFUSE; END IF;
    RETURN NEW;
END
"""


def seed(apps, schema_editor):
    apps.get_model("tickets", "ServiceContract").objects.create(title="Стандартный", is_default=True, order=100)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_ticket_number START 10000001 MINVALUE 10000000 MAXVALUE 99999999",
            "DROP SEQUENCE tickets_ticket_number",
        ),
        append_only("tickets_ticketevent"),
        refuse("ticket_message_stays_internal", "tickets_ticketmessage", "UPDATE", STAYS_INTERNAL),
    ]
