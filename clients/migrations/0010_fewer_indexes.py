"""Two indexes that other ones serve as well, for the sake of loads; topics of binding are reference data."""

from django.db import migrations

from core.sql import watched


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_owner_statistics"), ("core", "0003_reference")]
    operations = [
        # Potential clients are most of all: the walk by registration day (client_recent) passes few others.
        migrations.RemoveIndex("client", "client_potential"),
        # «Распределение» is told from its cube; a point's cards without a manager are a part of client_point's.
        migrations.RemoveIndex("client", "client_spread"),
        watched("clients_bindingtopic"),
    ]
