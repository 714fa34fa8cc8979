"""What tells processes that reference data they keep has changed (core.reference)."""

from django.db import migrations, models

CHANGED = """
CREATE FUNCTION core_reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO core_referencechange DEFAULT VALUES;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="ReferenceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.RunSQL(CHANGED, "DROP FUNCTION core_reference_changed()"),
    ]
