"""«Активировать»: from shipment on, by hand, once (R2.101; decision 6)."""

from __future__ import annotations

from datetime import date

from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.faults import hit, protected
from core.rights import require
from licenses.choices import LicenseState
from licenses.events import license_activated
from licenses.models import Invoice, License
from partners.models import Employee
from partners.rights import Right

from .locking import held_invoice_with_members, locked_licenses
from .standing import refresh_standing


@in_transaction
def invoice_activate(*, invoice_id: int, by: Employee, on: date) -> list[License]:
    """Activate every shipped licence of an invoice; the ones activated before stay as they are (idempotent).

    Returns the licences activated just now, [] when somebody did it already.
    """
    account, clients, invoice = held_invoice_with_members(invoice_id, by=by)
    require(by, Right.LICENSE_ACTIVATE, account)
    licenses = locked_licenses(
        invoice.lines.filter(license__isnull=False).values_list("license_id", flat=True), account
    )
    return _activate(account, clients, licenses, invoice, by=by, on=on)


@in_transaction
def license_activate(*, license_id: int, by: Employee, on: date) -> list[License]:
    """Activate one licence; [] when it is active already."""
    invoice_id = (
        License.objects.visible_to(by)
        .filter(pk=license_id, invoice_lines__invoice__state="issued")
        .values_list("invoice_lines__invoice_id", flat=True)
        .first()
    )
    if invoice_id is None:
        License.objects.visible_to(by).get(pk=license_id)  # 404 outside the scope
        raise DomainError(
            "У лицензии нет выставленного счета: выставьте счет, дождитесь оплаты и отгрузите его.", code="not_shipped"
        )
    account, clients, invoice = held_invoice_with_members(invoice_id, by=by)
    require(by, Right.LICENSE_ACTIVATE, account)
    return _activate(account, clients, locked_licenses([license_id], account), invoice, by=by, on=on)


def _activate(account, clients, licenses: list[License], invoice: Invoice, *, by: Employee, on: date) -> list[License]:
    for license in licenses:
        if license.state not in (LicenseState.SHIPPED, LicenseState.ACTIVE, LicenseState.REPLACED):
            raise DomainError(
                f"{license.item}: счет не отгружен. Отгрузите его, потом активируйте.", code="not_shipped"
            )
    made = []
    for license in licenses:
        if license.state != LicenseState.SHIPPED and protected("licenses.activate.state"):
            continue
        hit("licenses.activate.checked")
        license.state, license.activated_at, license.activated_by = LicenseState.ACTIVE, clock.now(), by
        license.version += 1
        license.save(update_fields=["state", "activated_at", "activated_by", "version"])
        made.append(license)
        journal.record(
            license,
            "license.activated",
            by=by,
            data={"account": account.pk, "invoice": invoice.pk, "item": str(license.item)},
        )
    if made:
        refresh_standing(account, clients, on=on)
        for license in made:
            license_activated.send(sender=License, license=license, by=by, on=on)
    return made
