"""A category of a region is filtered by kind and phone in its index, and counted there."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("clients", "0012_point_lists")]
    operations = [
        migrations.RemoveIndex("client", "client_region_state"),
        migrations.AddIndex(
            "client",
            models.Index(
                F("region_code"), F("prospect_state"), F("registered_on").desc(), F("id").desc(), F("kind"), F("has_phone"),
                name="client_region_state", condition=~Q(prospect_state="connected"),
            ),
        ),
        # Counts in an index look into the table again where a block is not vacuumed (the visibility map).
        migrations.RunSQL(
            "ALTER TABLE clients_client SET (autovacuum_vacuum_scale_factor = 0.01)",
            "ALTER TABLE clients_client RESET (autovacuum_vacuum_scale_factor)",
        ),
    ]  # fmt: skip
