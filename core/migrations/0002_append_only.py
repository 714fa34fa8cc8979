"""The journal and the export record are written once."""

from django.db import migrations

from core.sql import append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [append_only("core_journalentry"), append_only("core_viewentry"), append_only("core_exportrecord")]
