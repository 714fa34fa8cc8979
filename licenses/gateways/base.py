"""What every accounting system gives and takes. Payloads are plain JSON: money and dates as text, see docs/gateway.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class GatewayDown(Exception):
    """No answer, or one that says «later»: the message waits and is sent again. `str()` is a Russian sentence."""


class GatewayRefused(Exception):
    """The accounting system understood and refuses: sending it again changes nothing until somebody mends the cause."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a message: its number there, its state there, and the rest as it was."""

    external_id: str = ""
    state: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened there. `id` never changes and is never given to another event.

    kind: invoice.state {key, state, external_id} · payment {own_account, number, date, amount, payer_…, purpose}
    """

    id: str
    kind: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Events after a cursor, in the order they happened; `cursor` to go on from; `more`: ask again at once."""

    events: list[Event]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """A person of the accounting system; fields as in partners.directory.Person."""

    external_id: str
    login: str
    last_name: str
    first_name: str
    middle_name: str = ""
    position: str = ""
    email: str = ""
    phone: str = ""
    is_active: bool = True


class Gateway(Protocol):
    """Every method raises GatewayDown or GatewayRefused, never anything else. `key` makes a repeat harmless."""

    name: str

    def invoice_create(self, key: str, invoice: dict[str, Any]) -> Answer:
        """An issued invoice."""

    def invoice_cancel(self, key: str, invoice: dict[str, Any]) -> Answer:
        """It is annulled."""

    def invoice_state(self, invoice_key: str) -> Answer:
        """How the invoice stands there: `issued`, `paid`, `shipped`, `cancelled`, "" for unknown."""

    def payment(self, key: str, payment: dict[str, Any]) -> Answer:
        """What an invoice was paid with, or a part taken back (negative sum)."""

    def shipment(self, key: str, shipment: dict[str, Any]) -> Answer:
        """Shipped, or the shipment cancelled."""

    def events(self, cursor: str) -> Page:
        """What happened there since."""

    def employees(self) -> list[Staff]:
        """Everybody who works there, and who left; [] where it keeps no staff."""
