"""The country's orders leave out other regions in the index."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_vacuum")]
    operations = [
        *(migrations.RemoveIndex("account", name) for name in ("account_recent", "account_paid", "account_active")),
        migrations.AddIndex(
            "account",
            models.Index(F("created_at").desc(), F("id").desc(), F("region_code"), name="account_recent"),
        ),
        migrations.AddIndex("account", models.Index(fields=["paid_until", "id", "region_code"], name="account_paid")),
        migrations.AddIndex(
            "account", models.Index(fields=["last_active_on", "id", "region_code"], name="account_active")
        ),
    ]
