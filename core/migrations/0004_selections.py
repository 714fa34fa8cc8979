"""Saved selections are kept in the process too: each list page shows them, and they change a few times a day."""

from django.db import migrations

from core.sql import watched


class Migration(migrations.Migration):
    dependencies = [("core", "0003_reference")]
    operations = [watched("core_savedselection")]
