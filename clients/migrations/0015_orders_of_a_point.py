"""A sales point's list is walked by name and by next contact too; the whole country's order leaves out merged cards itself."""

from django.db import migrations, models
from django.db.models import F, Q

BOUND = Q(salespoint__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("clients", "0014_wrong_email")]
    operations = [
        migrations.RemoveIndex("client", "client_recent"),
        migrations.AddIndex(
            "client",
            models.Index(
                F("registered_on").desc(), F("id").desc(), name="client_recent", condition=~Q(prospect_state="merged")
            ),
        ),
        migrations.AddIndex(
            "client",
            models.Index(
                F("salespoint"), F("name_norm"), F("id"), F("manager"), F("prospect_state"), F("invite_state"), F("kind"),
                F("has_phone"), F("next_contact_on"), F("ceased_on"), name="client_point_name", condition=BOUND,
            ),
        ),
        migrations.AddIndex(
            "client",
            models.Index(
                F("salespoint"), F("next_contact_on"), F("id"), F("manager"), F("prospect_state"), F("kind"), F("has_phone"),
                name="client_point_contact", condition=BOUND,
            ),
        ),
    ]  # fmt: skip
