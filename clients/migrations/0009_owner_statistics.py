"""The planner learns that a manager's cards stand at one sales point: «мои» walks the manager's index at any size."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clients", "0008_trial_order")]
    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS clients_owner (dependencies) ON salespoint_id, manager_id FROM clients_client",
            "DROP STATISTICS clients_owner",
        )
    ]
