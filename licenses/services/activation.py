"""«Активировать» (manual ch. 2.2, R2.101): from the shipment on, once."""

from __future__ import annotations

from datetime import date

from accounts.services.locking import locked_with_members
from core import clock, journal
from core.db import in_transaction
from core.errors import DomainError
from core.faults import hit
from core.rights import require
from licenses.choices import LicenseState
from licenses.events import license_activated
from licenses.models import Invoice, License
from partners.models import Employee
from partners.rights import Right

from .account_copies import account_and_clients_rewrite
from .connection_undo import remember, states_of
from .locking import locked_licenses


@in_transaction
def license_activate(*, license_id: int, by: Employee, on: date) -> License:
    """Activate one shipped licence. Idempotent: an active one is returned as it is, with one entry in the journal.

    Refused before the shipment and after its cancel. The account is paid from the licence's first day on.
    """
    account_id = License.objects.visible_to(by).values_list("account_id", flat=True).get(pk=license_id)
    return _activate(account_id, [license_id], by=by, on=on)[0]


@in_transaction
def invoice_activate(*, invoice_id: int, by: Employee, on: date) -> list[License]:
    """Activate every licence of a shipped invoice."""
    account_id = Invoice.objects.visible_to(by).values_list("account_id", flat=True).get(pk=invoice_id)
    ids = list(License.objects.filter(invoice_lines__invoice=invoice_id).values_list("pk", flat=True))
    if not ids:
        raise DomainError("В счете нет лицензий: активировать нечего.", code="nothing")
    return _activate(account_id, ids, by=by, on=on)


def _activate(account_id: int, ids: list[int], *, by: Employee, on: date) -> list[License]:
    account, clients = locked_with_members(account_id, by=by)
    require(by, Right.LICENSE_ACTIVATE, account)
    licenses = locked_licenses(ids, account)
    for license in licenses:
        _check(license)
    hit("licenses.activate.checked")
    before = states_of(clients)
    made = [license for license in licenses if license.state != LicenseState.ACTIVE]
    for license in made:
        license.state, license.activated_at, license.activated_by = LicenseState.ACTIVE, clock.now(), by
        license.shipped_on = license.shipped_on or on
        license.version += 1
        license.save(update_fields=["state", "activated_at", "activated_by", "shipped_on", "version"])
        journal.record(
            license, "license.activated", by=by,
            data={"account": account.pk, "client": license.payer_id, "item": str(license.item), "until": license.ends_on},
        )  # fmt: skip
        license_activated.send(sender=License, license=license, by=by, on=on)
    if made:
        account_and_clients_rewrite(account, clients, on=on, by=by)
        remember(made, before, clients)
    return licenses


def _check(license: License) -> None:
    """Shipped, active already, or a trial one, which is neither invoiced nor shipped."""
    if license.state in (LicenseState.SHIPPED, LicenseState.ACTIVE):
        return
    if license.state == LicenseState.SELECTED and license.item.is_trial:
        return
    was_shipped = license.invoice_lines.filter(
        invoice__shipments__cancelled_on__isnull=False, invoice__state="issued"
    ).exists()
    if license.state == LicenseState.INVOICED and was_shipped:
        raise DomainError(
            f"{license.item}: отгрузка отменена. Отгрузите счет снова, потом активируйте.", code="shipment_cancelled"
        )
    if license.state in (LicenseState.SELECTED, LicenseState.INVOICED):
        raise DomainError(f"{license.item}: счет еще не отгружен. Сначала отгрузите счет.", code="not_shipped")
    raise DomainError(
        f"{license.item}: состояние «{license.get_state_display()}», активировать нельзя.", code="not_shipped"
    )
