"""Regions and built-in roles; nobody blocked grants or is granted."""

import csv
from pathlib import Path

from django.db import migrations

from core.sql import refuse

REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions.csv"

NOT_BLOCKED = """
BEGIN
    IF (TG_OP = 'INSERT' OR NEW.revoked_at IS NULL) AND EXISTS (
        SELECT 1 FROM partners_employee e
        WHERE e.id IN (NEW.granted_by_id, NEW.employee_id) AND e.access <> 'allowed'
    ) THEN
        REFUSE;
    END IF;
    RETURN NEW;
END
"""


def seed(apps, schema_editor):
    from partners.rights import ROLES

    Region = apps.get_model("partners", "Region")
    with REGIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    Region.objects.bulk_create(Region(code=row["code"], name=row["name"], zone=row["iana_tz"]) for row in rows)
    Role, RoleRight = apps.get_model("partners", "Role"), apps.get_model("partners", "RoleRight")
    for code, (title, rights) in ROLES.items():
        role = Role.objects.create(code=code, title=title, is_builtin=True)
        RoleRight.objects.bulk_create(RoleRight(role=role, right=right, scope=scope) for right, scope in rights.items())


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        refuse("grant_nobody_blocked", "partners_grant", "INSERT", NOT_BLOCKED),
        refuse("role_nobody_blocked", "partners_roleassignment", "INSERT", NOT_BLOCKED),
    ]
