"""Every query of licenses, accounts and renewals finds the violation it is there for: its control, made by hand."""

from datetime import date

import pytest
from django.db import connection, transaction

from core import clock, invariants
from tests.licenses.market import open_market

pytestmark = pytest.mark.django_db

ON = date(2025, 3, 3)
LICENSE = "(SELECT license_id FROM licenses_invoiceline WHERE invoice_id = {sold})"

BROKEN = {
    "accounts.one_main_member": ["UPDATE accounts_accountmember SET is_main = false"],
    "accounts.members_count": ["UPDATE accounts_account SET members_count = 7"],
    "accounts.client_accounts_count": ["UPDATE clients_client SET accounts_count = accounts_count + 1 WHERE accounts_count > 0"],
    "licenses.active_without_shipment": ["UPDATE licenses_shipment SET cancelled_on = shipped_on WHERE invoice_id = {sold}"],
    "licenses.license_outside_term": [f"UPDATE licenses_license SET ends_on = ends_on + 1 WHERE id = {LICENSE}"],
    "licenses.terms_overlap": [
        "INSERT INTO licenses_term (account_id, direction_id, starts_on, ends_on, anchor_day, months, is_waiting, is_cancelled, created_at)"
        " SELECT account_id, direction_id, ends_on, ends_on + 30, 1, 1, false, false, created_at FROM licenses_term WHERE id = {term}",
    ],
    "licenses.invoice_total": ["UPDATE licenses_invoice SET total = total + 0.01 WHERE id = {invoiced}"],
    "licenses.invoice_vat": ["UPDATE licenses_invoice SET vat_total = vat_total + 0.01 WHERE id = {invoiced}"],
    "licenses.shipment_amount": ["UPDATE licenses_shipment SET amount = amount - 0.01 WHERE invoice_id = {sold}"],
    "licenses.shipped_but_planned": [f"UPDATE licenses_license SET state = 'invoiced' WHERE id = {LICENSE}"],
    "licenses.change_gap": ["UPDATE licenses_license SET ends_on = ends_on - 1 WHERE state = 'replaced'"],
    "licenses.credited_above_paid": ["UPDATE licenses_license SET credited = amount + 0.01 WHERE state = 'replaced'"],
    "licenses.price_twice": [
        "INSERT INTO licenses_price (price_list_id, state, item_id, scope, scope_id, payer_kind, months, valid_from, valid_to, amount)"
        " SELECT price_list_id, state, item_id, scope, scope_id, payer_kind, months, valid_to, valid_to, amount FROM licenses_price",
    ],
    "licenses.account_not_paid": [
        f"UPDATE licenses_license SET starts_on = starts_on - 9, activated_at = activated_at - interval '9 days' WHERE id = {LICENSE}",
        "UPDATE accounts_account SET paid_until = '2020-01-01'",
    ],
    "licenses.invoice_number_gap": ["UPDATE licenses_invoice SET sequence = sequence + 10 WHERE id = {invoiced}"],
    "licenses.cancelled_but_shipped": ["UPDATE licenses_invoice SET state = 'cancelled', cancelled_on = issued_on WHERE id = {sold}"],
    "licenses.invoice_overpaid": ["UPDATE licenses_paymentallocation SET amount = amount + 0.01"],
    "licenses.payment_overspent": ["UPDATE licenses_payment SET amount = amount - 0.01"],
    "licenses.payment_kept_overspent": [
        "INSERT INTO licenses_balanceentry (account_id, payment_id, amount, kind, comment, at)"
        " SELECT invoice.account_id, part.payment_id, 1, 'overpaid', '', part.at FROM licenses_paymentallocation part"
        " JOIN licenses_invoice invoice ON invoice.id = part.invoice_id WHERE part.invoice_id = {sold}"
    ],
    "licenses.payment_state_drift": ["UPDATE licenses_payment SET match_state = 'unmatched'"],
    "licenses.balance_below_zero": [
        "INSERT INTO licenses_balanceentry (account_id, amount, kind, comment, at)"
        " SELECT account_id, -1, 'spent', '', created_at FROM licenses_invoice WHERE id = {sold}"
    ],
    "licenses.allocated_above_bought": [
        "INSERT INTO licenses_allocation (license_id, client_id, quantity, starts_on, ends_on, at)"
        f" SELECT id, payer_id, quantity + 1, starts_on, ends_on, created_at FROM licenses_license WHERE id = {LICENSE}"
    ],
    "renewals.expired_still_due": ["UPDATE renewals_renewalrow SET category = 'requires', ends_on = '2025-02-01'"],
    "renewals.outcome_twice": [
        "DROP INDEX outcome_one_open",
        *["INSERT INTO renewals_outcome (term_id, kind, comment, reason, register_state, at) VALUES ({term}, 'zero_reporting', '', '', '', now())"] * 2,
    ],
    "renewals.shown_not_once": ["UPDATE renewals_renewalrow SET is_worst = false"],
    "renewals.account_due": ["UPDATE renewals_renewalrow SET account_due = account_due + 0.01 WHERE is_worst"],
    "renewals.term_without_row": [
        "DELETE FROM renewals_renewalrow",
        "UPDATE licenses_license SET shipped_on = shipped_on - 5 WHERE shipped_on IS NOT NULL",
    ],
}  # fmt: skip

TABLES = ("accounts_account", "accounts_accountmember", "clients_client", "licenses_allocation", "licenses_balanceentry", "licenses_invoice",
            "licenses_license", "licenses_payment", "licenses_paymentallocation", "licenses_price", "licenses_shipment", "licenses_term", "renewals_outcome",
            "renewals_renewalrow")  # fmt: skip


@pytest.fixture
def world(head, operator):
    """A sale, a change of tariff, an invoice that waits; nothing is wrong."""
    market = open_market(head)
    market.item("a", 6000)
    market.item("b", 12000)
    market.item("d", 900, line="edo", vat_kind="standard")
    plain = market.sell(market.account(ON), "d", ON)
    old = market.sell(market.account(ON), "a", ON)
    new = market.change_done(old, "b", ON)
    waiting = market.account(ON)
    market.choose(waiting, "d", ON)
    invoiced = market.issue(waiting, ON)
    return {
        "sold": plain.invoice_lines.get().invoice_id, "changed": new.pk, "invoiced": invoiced.pk, "term": plain.term_id,
    }  # fmt: skip


def found() -> set[str]:
    with clock.override(on=ON):
        return {finding.invariant.code for finding in invariants.check()}


def lay_down_protections() -> None:
    """Triggers, checks, exclusions: what forbids the violations. The transaction of the test brings them back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
            " WHERE contype IN ('c', 'x') AND conrelid = ANY(%s::regclass[])",
            [list(TABLES)],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_each_query_finds_its_violation(world):
    assert found() == set()
    lay_down_protections()
    blind = []
    for code, steps in BROKEN.items():
        with transaction.atomic(), connection.cursor() as cursor:
            for step in steps:
                cursor.execute(step.format(**world))
            if code not in found():
                blind.append(code)
            transaction.set_rollback(True)
    assert blind == []


def test_each_query_has_its_control():
    own = [invariant.code for invariant in invariants.every()]
    assert {code for code in own if code.split(".")[0] in ("accounts", "licenses", "renewals")} == set(BROKEN)
