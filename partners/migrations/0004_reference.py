"""Lists keep sales points, people, regions and roles in the process: each change of them is told (core.reference)."""

from django.db import migrations

from core.sql import watched


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_least_role"), ("core", "0003_reference")]
    operations = [
        watched("partners_region"),
        watched("partners_salespoint"),
        watched("partners_salespoint_regions"),
        watched("partners_partner"),
        watched("partners_role"),
        # Not each sign-in: that writes another column.
        watched(
            "partners_employee", "last_name", "first_name", "middle_name", "salespoint_id", "department_id", "access"
        ),
    ]
