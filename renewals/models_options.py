"""The dictionary of outcomes that the operator keeps (R3.34), and the register extract that proves one (R3.28)."""

from django.db import models
from django.db.models import Q

from .choices import INACTIVITY_ONLY, OWN_EFFECTS, Condition, Effect, OutcomeKind, UsedFor
from .outcome_rules import Meaning


class OutcomeOption(models.Model):
    """One line of «Варианты итога». Built-in ones (`OutcomeKind`) keep their meaning: a trigger refuses another or their end.

    What a client said keeps the name of its day (`Outcome.title`), so a new name never rewrites history.
    """

    code = models.SlugField("код", max_length=24, unique=True)
    title = models.CharField("название", max_length=60, unique=True)
    hint = models.CharField(
        "пояснение", max_length=200, blank=True, default="", help_text="Мелким шрифтом под названием"
    )
    effect = models.CharField("что делает", max_length=8, choices=Effect)
    used_for = models.CharField("где предлагается", max_length=10, choices=UsedFor, default=UsedFor.RENEWAL)
    condition = models.CharField("когда предлагается", max_length=12, choices=Condition, default=Condition.ALWAYS)
    needs_comment = models.BooleanField("нужен комментарий", default=False)
    needs_competitor = models.BooleanField("нужно указать конкурента", default=False)
    needs_reason = models.BooleanField("нужна причина", default=False)
    needs_account = models.BooleanField("нужен другой аккаунт", default=False)
    order = models.PositiveSmallIntegerField("порядок", default=100)
    is_active = models.BooleanField("предлагается", default=True)

    class Meta:
        ordering = ["order", "title"]
        verbose_name, verbose_name_plural = "вариант итога", "варианты итога"
        constraints = [
            models.CheckConstraint(condition=Q(title__regex=r"\S.*\S"), name="outcome_option_title"),
            models.CheckConstraint(
                condition=~Q(effect=Effect.NEGATIVE) | Q(needs_comment=True), name="outcome_option_comment"
            ),
            models.CheckConstraint(
                condition=Q(code__in=sorted(OutcomeKind.values)) | Q(effect__in=sorted(OWN_EFFECTS)),
                name="outcome_option_own",
            ),
            models.CheckConstraint(
                condition=~Q(effect=Effect.INVOICED) | Q(is_active=True), name="outcome_option_invoiced"
            ),
            models.CheckConstraint(
                condition=~Q(code__in=sorted(INACTIVITY_ONLY)) | Q(used_for=UsedFor.INACTIVITY),
                name="outcome_option_inactivity",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_built_in(self) -> bool:
        return self.code in OutcomeKind.values

    def meaning(self) -> Meaning:
        return Meaning(*(getattr(self, name) for name in Meaning.__slots__))


class OutcomeExtract(models.Model):
    """The electronic extract that confirms «Не существует» where the register does not say so yet."""

    outcome = models.OneToOneField("renewals.Outcome", models.PROTECT, primary_key=True, related_name="extract")
    name = models.CharField("файл", max_length=200)
    size = models.PositiveIntegerField("размер, байт")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        verbose_name, verbose_name_plural = "выписка к итогу", "выписки к итогам"
