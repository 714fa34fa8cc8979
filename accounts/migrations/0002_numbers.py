"""Account numbers have 7 digits (decision 37). Gaps are fine here: a sequence never waits."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE accounts_account_number START 1000001 MINVALUE 1000000 MAXVALUE 9999999",
            "DROP SEQUENCE accounts_account_number",
        )
    ]
