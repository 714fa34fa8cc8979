"""The role of whoever has just been hired (R1.19), where the built-in roles were seeded before it existed."""

from django.db import migrations

CODE, TITLE = "employee", "Сотрудник"
RIGHTS = {"salespoints.view": "salespoint", "employees.view": "salespoint", "tickets.create": "salespoint"}


def seed(apps, schema_editor):
    role, is_new = apps.get_model("partners", "Role").objects.get_or_create(
        code=CODE, defaults={"title": TITLE, "is_builtin": True}
    )
    if is_new:
        RoleRight = apps.get_model("partners", "RoleRight")
        RoleRight.objects.bulk_create(RoleRight(role=role, right=right, scope=scope) for right, scope in RIGHTS.items())


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_seed_and_guards")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
