"""What the register changed about a client is kept on his card, whoever works with him."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0016_invitation_events")]
    operations = [
        migrations.AddField("clientdetails", "life", models.JSONField("изменения в реестре", null=True)),
    ]
