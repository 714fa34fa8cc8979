"""Rows of lists keep what waits in the whole account; their indexes hold what rows are left out and counted by."""

from django.db import migrations, models
from django.db.models import Q

SHOWN = ["requires", "not_renewed", "terminated"]
PAST = ["renewed", "renewed_late", "won_back", "transferred", "reduced", "settled"]

# As the sweep tells it (`category_sql`): the next night finds nothing to write.
FILL = """
UPDATE renewals_renewalrow r SET account_due = s.due
FROM (
    SELECT account_id, sum(amount) AS due FROM renewals_renewalrow
    WHERE category IN ('requires', 'not_renewed') OR is_worst GROUP BY account_id
) s
WHERE s.account_id = r.account_id AND r.is_worst AND s.due <> 0
"""


class Migration(migrations.Migration):
    dependencies = [("renewals", "0006_outcome_options")]
    operations = [
        migrations.RemoveIndex("renewalrow", "renewal_mine"),
        migrations.RemoveIndex("renewalrow", "renewal_point"),
        migrations.RemoveIndex("renewalrow", "renewal_category"),
        migrations.AddField(
            "renewalrow", "account_due",
            models.DecimalField(decimal_places=2, default=0, max_digits=14, help_text="all that waits in the account; on its worst row, else 0"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "renewalrow",
            models.Index(fields=["manager", "ends_on", "term", "category", "outcome", "is_worst"], include=["account_due"], name="renewal_mine", condition=Q(category__in=SHOWN)),
        ),
        migrations.AddIndex(
            "renewalrow",
            models.Index(fields=["salespoint", "ends_on", "term", "category", "outcome", "manager", "is_worst"], include=["account_due"], name="renewal_point", condition=Q(category__in=SHOWN)),
        ),
        migrations.AddIndex(
            "renewalrow",
            models.Index(fields=["salespoint", "ends_on", "term", "category", "outcome", "manager"], name="renewal_past", condition=Q(category__in=PAST)),
        ),
        migrations.AddIndex(
            "renewalrow",
            models.Index(fields=["category", "ends_on", "term", "outcome", "is_worst"], include=["account_due"], name="renewal_category"),
        ),
    ]  # fmt: skip
