"""What extra charges tell on the account card: the debt (R2.133)."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpRequest

from accounts.facts import Fact, head_fact
from accounts.models import Account
from charges.models import Charge
from core.formats import roubles
from partners.rights import Right


@head_fact
def debt(account: Account, request: HttpRequest) -> Fact | None:
    """«Долг 150 ₽»: charges neither settled nor refused."""
    if not request.user.may(Right.CHARGE_VIEW, account):
        return None
    owed = Charge.objects.filter(account=account).open().aggregate(total=Sum("amount"))["total"]
    return owed and Fact(
        "debt", f"Долг {roubles(owed)}", "bad", "Неоплаченные доп. начисления", f"{account.get_absolute_url()}payments/"
    )
