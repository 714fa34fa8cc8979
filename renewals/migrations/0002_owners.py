"""Stored rows copy the account's owner; outcomes are withdrawn, never rewritten."""

from django.db import migrations

from core.sql import append_only, trigger

COPY = """
CREATE FUNCTION renewals_copy_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE renewals_renewalrow SET manager_id = NEW.manager_id, salespoint_id = NEW.salespoint_id WHERE account_id = NEW.id;
    UPDATE renewals_inactivityrow SET manager_id = NEW.manager_id, salespoint_id = NEW.salespoint_id WHERE account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER renewals_copy_owner AFTER UPDATE OF manager_id, salespoint_id ON accounts_account FOR EACH ROW
    WHEN ((OLD.manager_id, OLD.salespoint_id) IS DISTINCT FROM (NEW.manager_id, NEW.salespoint_id)) EXECUTE FUNCTION renewals_copy_owner();
"""
ONLY_WITHDRAWN = "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND (NEW.kind, NEW.comment, NEW.at) = (OLD.kind, OLD.comment, OLD.at)"
EXPIRED_OR_WITHDRAWN = "OLD.withdrawn_at IS NULL AND OLD.expired_on IS NULL AND (NEW.kind, NEW.comment, NEW.at) = (OLD.kind, OLD.comment, OLD.at)"


class Migration(migrations.Migration):
    dependencies = [("renewals", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        trigger(COPY, "DROP TRIGGER renewals_copy_owner ON accounts_account; DROP FUNCTION renewals_copy_owner();"),
        append_only("renewals_outcome", allow=ONLY_WITHDRAWN),
        append_only("renewals_inactivityoutcome", allow=EXPIRED_OR_WITHDRAWN),
    ]
