"""What the register says about an account's main organisation, shown next to «Не существует» (R3.28)."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account, AccountMember


@dataclass(frozen=True, slots=True)
class RegisterState:
    """`text` for people; `is_ceased` once the register has the end of the organisation."""

    text: str
    is_ceased: bool


def register_state(account: Account) -> RegisterState:
    """The state of the main member; an account without members is told so."""
    member = (
        AccountMember.objects.present().filter(account=account, is_main=True).select_related("client__details").first()
    )
    if member is None:
        return RegisterState("в аккаунте нет организаций", False)
    client, details = member.client, getattr(member.client, "details", None)
    text = (details.state_text if details else "") or ("деятельность прекращена" if client.is_ceased else "действует")
    return RegisterState(f"{client.name}: {text}", client.is_ceased)
