"""Who sells, as it stood on the day of issue: printed pages, the QR and the accounting system read it from the invoice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from licenses.models import Invoice
from partners.models import LegalEntity


@dataclass(frozen=True, slots=True)
class Seller:
    """Requisites of the legal entity; "" for what it has not."""

    name: str = ""
    full_name: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    bank_name: str = ""
    bik: str = ""
    bank_account: str = ""
    corr_account: str = ""
    director: str = ""
    accountant: str = ""

    @property
    def title(self) -> str:
        return self.full_name or self.name

    @property
    def is_entrepreneur(self) -> bool:
        """An ИП has an INN of 12 digits, no КПП and no chief accountant."""
        return len(self.inn) == 12


NAMES = tuple(field.name for field in fields(Seller))


def seller_now(entity: LegalEntity) -> Seller:
    """The requisites of today."""
    return Seller(**{name: getattr(entity, name) for name in NAMES})


def frozen_seller(entity: LegalEntity) -> dict[str, str]:
    """What an invoice keeps of them."""
    return asdict(seller_now(entity))


def seller_of(invoice: Invoice) -> Seller:
    """The requisites of the day of issue; of today for a draft, which has none yet."""
    kept = invoice.seller_data
    return Seller(**{name: kept.get(name, "") for name in NAMES}) if kept else seller_now(invoice.legal_entity)
