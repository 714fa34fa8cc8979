"""Historic duplicates made one (rule C6, R2.46)."""

from django.db import models
from django.db.models import F, Q


class ClientMerge(models.Model):
    """`other` was emptied and leads to `main`; what went along stands in `moved`, what both were in `snapshot`."""

    main = models.ForeignKey("clients.Client", models.PROTECT, related_name="merges")
    other = models.ForeignKey("clients.Client", models.PROTECT, related_name="+")
    other_name = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey("partners.Employee", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    snapshot = models.JSONField()
    moved = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("partners.Employee", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name, verbose_name_plural = "объединение карточек", "объединения карточек"
        constraints = [
            models.UniqueConstraint(fields=["other"], condition=Q(undone_at__isnull=True), name="merge_once"),
            models.CheckConstraint(condition=~Q(main=F("other")), name="merge_of_two"),
        ]
