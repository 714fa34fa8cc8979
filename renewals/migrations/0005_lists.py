"""Lists of renewals walk their order to the last tie, and leave rows out and count «Распределение» in the index."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("renewals", "0004_incremental_sweep")]
    operations = [
        migrations.RemoveIndex("renewalrow", "renewal_point"),
        migrations.RemoveIndex("renewalrow", "renewal_category"),
        migrations.AddIndex(
            "renewalrow",
            models.Index(
                "salespoint", "ends_on", "term", "category", "outcome", "manager", name="renewal_point",
                condition=Q(is_worst=True, category__in=["requires", "not_renewed", "terminated"]),
            ),
        ),
        migrations.AddIndex("renewalrow", models.Index("category", "ends_on", "term", name="renewal_category")),
        # A night touches a row of every second block: left unvacuumed, what counts in an index looks into the table again.
        migrations.RunSQL(
            "ALTER TABLE renewals_renewalrow SET (autovacuum_vacuum_scale_factor = 0.005)",
            "ALTER TABLE renewals_renewalrow RESET (autovacuum_vacuum_scale_factor)",
        ),
    ]  # fmt: skip
