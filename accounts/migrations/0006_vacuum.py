"""Counts in an index look into the table again where a block is not vacuumed: one row in a hundred is enough to begin."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_list_order")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_account SET (autovacuum_vacuum_scale_factor = 0.01)",
            "ALTER TABLE accounts_account RESET (autovacuum_vacuum_scale_factor)",
        ),
    ]
