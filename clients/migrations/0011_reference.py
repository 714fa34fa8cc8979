"""The day on which «новые» begin in the cube is asked with every list of new organisations: kept in the process."""

from django.db import migrations

from core.sql import watched


class Migration(migrations.Migration):
    dependencies = [("clients", "0010_fewer_indexes")]
    operations = [watched("clients_distributionclock")]
