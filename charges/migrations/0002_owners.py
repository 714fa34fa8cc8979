"""Open charges copy the account's owner."""

from django.db import migrations

from core.sql import trigger

COPY = """
CREATE FUNCTION charges_copy_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE charges_charge SET manager_id = NEW.manager_id, salespoint_id = NEW.salespoint_id
    WHERE account_id = NEW.id AND state IN ('formed', 'invoiced');
    RETURN NULL;
END $$;
CREATE TRIGGER charges_copy_owner AFTER UPDATE OF manager_id, salespoint_id ON accounts_account FOR EACH ROW
    WHEN ((OLD.manager_id, OLD.salespoint_id) IS DISTINCT FROM (NEW.manager_id, NEW.salespoint_id)) EXECUTE FUNCTION charges_copy_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("charges", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        trigger(COPY, "DROP TRIGGER charges_copy_owner ON accounts_account; DROP FUNCTION charges_copy_owner();")
    ]
