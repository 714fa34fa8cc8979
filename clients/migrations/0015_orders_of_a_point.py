"""Orders of the lists: a point's by name and by next contact, the country's by next contact, a region's by name; rare states of work."""

from django.db import migrations, models
from django.db.models import F, Q

POOL = (F("region_code"), F("salespoint"), F("kind"), F("has_phone"), F("ceased_on"))
WORK = (F("registered_on"), F("work_state"), F("next_contact_on"))
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
        migrations.AddIndex(
            "client",
            models.Index(
                F("salespoint"), F("invited_on").desc(), F("id").desc(), F("invite_state"), F("manager"),
                name="client_point_invites", condition=BOUND & ~Q(invite_state=""),
            ),
        ),
        # Behind the order what makes the pool of a region: it is walked in the index, not card by card.
        migrations.RemoveIndex("client", "client_name"),
        migrations.AddIndex("client", models.Index(F("name_norm"), F("id"), F("region_code"), F("salespoint"), name="client_name")),
        migrations.AddIndex("client", models.Index(F("next_contact_on"), F("id"), F("region_code"), F("salespoint"), name="client_next")),
        migrations.AddIndex(
            "client",
            models.Index(
                fields=["work_state"], name="client_worked",
                condition=Q(work_state__in=("contacted", "agreed", "registering", "refused")),
            ),
        ),
        # The pool of a region among the potential clients: few of the country's, found in the index.
        migrations.RemoveIndex("client", "client_prospect"),
        migrations.RemoveIndex("client", "client_trial"),
        migrations.RemoveIndex("client", "client_invites"),
        migrations.AddIndex(
            "client",
            models.Index(
                F("prospect_state"), F("prospect_on").desc(), F("id").desc(), *POOL, *WORK, F("lost_reason"), F("decline_reason"), name="client_prospect",
                condition=Q(prospect_state__in=["invited", "declined", "lost", "trial"]),
            ),
        ),
        migrations.AddIndex(
            "client",
            models.Index(
                F("last_active_on").desc(), F("id").desc(), *POOL, *WORK, F("trial_reason"), name="client_trial",
                condition=Q(prospect_state="trial"),
            ),
        ),
        migrations.AddIndex(
            "client",
            models.Index(
                F("invited_on").desc(), F("id").desc(), F("invite_state"), *POOL, *WORK, name="client_invites",
                condition=~Q(invite_state=""),
            ),
        ),
    ]  # fmt: skip
