"""What usage puts on the account card: «Активность» (R2.139–R2.148)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.cards import account_card
from accounts.models import Account
from core import clock
from core.cards import Panel
from partners.rights import Right
from usage.selectors import activity_of


def activity(account: Account, request: HttpRequest) -> dict[str, Any]:
    last, rows = activity_of(account, on=clock.today(request.user.business_zone))
    return {"last": last, "rows": rows}


account_card.register(
    Panel("activity", "usage/panels/activity.html", order=50, place="side", right=Right.USAGE_VIEW, context=activity)
)
