"""The account card (fig. 2-8)."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404

from accounts.cards import account_card
from accounts.facts import facts_of, present_members
from accounts.models import Account
from core import clock
from core.cards import CardPage
from core.models import ViewEntry
from partners.models import Region
from partners.rights import Right


class AccountCard(CardPage):
    card, right = account_card, Right.ACCOUNT_VIEW
    parents = (("Аккаунты", "/accounts/"),)
    header_template = "accounts/card_header.html"

    def get_object(self) -> Account:
        region = Region.objects.filter(code=OuterRef("region_code")).values("name")
        rows = Account.objects.visible_to(self.request.user).select_related("manager", "salespoint")
        rows = rows.annotate(region_name=Subquery(region))
        return get_object_or_404(rows, number=self.kwargs["number"])

    def seen(self) -> None:
        # 152-ФЗ: contacts stand on the first page of the card.
        if "section" not in self.kwargs:
            ViewEntry.objects.create(
                at=clock.now(),
                by=self.request.user,
                subject_type="accounts.account",
                subject_id=self.object.pk,
                what="contacts",
            )

    def extra(self) -> dict[str, Any]:
        main = next((m for m in present_members(self.object, self.request) if m.is_main), None)
        return {
            "main": main,
            "is_paid": self.object.is_paid(self.today),
            "facts": facts_of(self.object, self.request).values(),
        }
