"""Lists of a sales point answer from one index: what they filter by stands behind their order; trials by last work."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("clients", "0011_reference")]
    operations = [
        migrations.RemoveIndex("client", "client_point"),
        migrations.AddIndex(
            "client",
            models.Index(
                F("salespoint"), F("registered_on").desc(), F("id").desc(), F("prospect_state"), F("invite_state"), F("kind"),
                F("has_phone"), F("next_contact_on"), F("ceased_on"), name="client_point", condition=Q(salespoint__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "client",
            models.Index(
                F("salespoint"), F("last_active_on").desc(), F("id").desc(), name="client_trial_point",
                condition=Q(prospect_state="trial", salespoint__isnull=False),
            ),
        ),
    ]  # fmt: skip
