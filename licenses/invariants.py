"""What must never be found in licences and money (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "licenses.active_without_shipment",
        "Действует лицензия без отгрузки",
        """
        SELECT license.id, license.account_id FROM licenses_license license JOIN licenses_item item ON item.id = license.item_id
        WHERE license.state = 'active' AND NOT item.is_trial AND NOT EXISTS (
            SELECT 1 FROM licenses_invoiceline line
            JOIN licenses_shipment shipment ON shipment.invoice_id = line.invoice_id AND shipment.cancelled_on IS NULL
            WHERE line.license_id = license.id)
        """,
    ),
    Invariant(
        "licenses.license_outside_term",
        "Лицензия выходит за свой период",
        """
        SELECT license.id, license.starts_on, license.ends_on, term.starts_on AS term_from, term.ends_on AS term_to
        FROM licenses_license license JOIN licenses_term term ON term.id = license.term_id
        WHERE license.state <> 'cancelled' AND (license.starts_on < term.starts_on OR license.ends_on > term.ends_on)
        """,
    ),
    Invariant(
        "licenses.terms_overlap",
        "Два периода одного направления пересекаются",
        """
        SELECT one.account_id, one.direction_id, one.id AS first, other.id AS second FROM licenses_term one
        JOIN licenses_term other USING (account_id, direction_id)
        WHERE one.id < other.id AND NOT one.is_cancelled AND NOT other.is_cancelled AND NOT one.is_waiting AND NOT other.is_waiting
          AND daterange(one.starts_on, one.ends_on, '[]') && daterange(other.starts_on, other.ends_on, '[]')
        """,
    ),
    Invariant(
        "licenses.invoice_total",
        "Сумма счета не равна сумме строк",
        """
        SELECT invoice.id, invoice.number, invoice.total, coalesce(sum(line.amount), 0) AS lines FROM licenses_invoice invoice
        LEFT JOIN licenses_invoiceline line ON line.invoice_id = invoice.id
        WHERE invoice.state <> 'draft' GROUP BY invoice.id HAVING invoice.total <> coalesce(sum(line.amount), 0)
        """,
    ),
    Invariant(
        "licenses.invoice_vat",
        "НДС счета не равен сумме НДС строк",
        """
        SELECT invoice.id, invoice.number, invoice.vat_total, coalesce(sum(line.vat_amount), 0) AS lines FROM licenses_invoice invoice
        LEFT JOIN licenses_invoiceline line ON line.invoice_id = invoice.id
        WHERE invoice.state <> 'draft' GROUP BY invoice.id HAVING invoice.vat_total <> coalesce(sum(line.vat_amount), 0)
        """,
    ),
    Invariant(
        "licenses.shipment_amount",
        "Сумма отгрузки не равна сумме счета",
        """
        SELECT shipment.id, shipment.amount, invoice.number, invoice.total FROM licenses_shipment shipment
        JOIN licenses_invoice invoice ON invoice.id = shipment.invoice_id
        WHERE shipment.cancelled_on IS NULL AND shipment.amount <> invoice.total
        """,
    ),
    Invariant(
        "licenses.shipped_but_planned",
        "Счет отгружен, а лицензия ждет оплаты",
        """
        SELECT license.id, line.invoice_id, license.state FROM licenses_license license
        JOIN licenses_invoiceline line ON line.license_id = license.id
        JOIN licenses_shipment shipment ON shipment.invoice_id = line.invoice_id AND shipment.cancelled_on IS NULL
        WHERE license.state IN ('selected', 'invoiced', 'cancelled')
        """,
    ),
    Invariant(
        "licenses.change_gap",
        "После смены тарифа между лицензиями пропуск или наложение",
        """
        SELECT old.id, old.ends_on, new.id AS next, new.starts_on FROM licenses_license new
        JOIN licenses_license old ON old.id = new.replaces_id
        WHERE new.state IN ('shipped', 'active', 'replaced') AND (
            old.state <> 'replaced'
            OR new.starts_on > old.starts_on AND old.ends_on <> new.starts_on - 1
            OR new.starts_on = old.starts_on AND old.ends_on <> old.original_ends_on)
        """,
    ),
    Invariant(
        "licenses.credited_above_paid",
        "Зачтено больше, чем стоила лицензия",
        "SELECT id, account_id, amount, credited FROM licenses_license WHERE credited > amount",
    ),
    Invariant(
        "licenses.price_twice",
        "Две цены одной позиции на один день",
        """
        SELECT one.id, other.id AS second, one.item_id, one.months FROM licenses_price one
        JOIN licenses_price other USING (item_id, scope, scope_id, payer_kind, months)
        WHERE one.id < other.id AND one.state = 'published' AND other.state = 'published'
          AND daterange(one.valid_from, one.valid_to, '[]') && daterange(other.valid_from, other.valid_to, '[]')
        """,
    ),
    Invariant(
        "licenses.account_not_paid",
        "Лицензия действует, а аккаунт показан неоплаченным",
        """
        SELECT account.id, account.number, account.paid_until, license.id AS license FROM licenses_license license
        JOIN accounts_account account ON account.id = license.account_id
        JOIN licenses_item item ON item.id = license.item_id
        WHERE license.state = 'active' AND license.term_id IS NOT NULL AND NOT item.is_trial
          AND %(on)s::date - 1 BETWEEN license.starts_on AND license.ends_on AND account.paid_until < %(on)s::date - 1
          AND license.activated_at < %(on)s::date - 1
        """,
    ),
    Invariant(
        "licenses.invoice_number_gap",
        "Пропущен номер счета",
        """
        SELECT legal_entity_id, year, previous, sequence FROM (
            SELECT legal_entity_id, year, sequence,
                   coalesce(lag(sequence) OVER (PARTITION BY legal_entity_id, year ORDER BY sequence), 0) AS previous
            FROM licenses_invoice WHERE sequence IS NOT NULL
        ) numbers WHERE sequence - previous <> 1
        """,
    ),
    Invariant(
        "licenses.cancelled_but_shipped",
        "Отмененный счет отгружен",
        """
        SELECT invoice.id, invoice.number FROM licenses_invoice invoice
        JOIN licenses_shipment shipment ON shipment.invoice_id = invoice.id AND shipment.cancelled_on IS NULL
        WHERE invoice.state <> 'issued'
        """,
    ),
    Invariant(
        "licenses.invoice_overpaid",
        "На счет разнесено больше его суммы",
        """
        SELECT invoice.id, invoice.number, invoice.total, sum(part.amount) AS paid FROM licenses_invoice invoice
        JOIN licenses_paymentallocation part ON part.invoice_id = invoice.id AND part.undone_at IS NULL
        GROUP BY invoice.id HAVING sum(part.amount) > invoice.total
        """,
    ),
    Invariant(
        "licenses.payment_overspent",
        "С оплаты разнесено больше, чем пришло",
        """
        SELECT payment.id, payment.amount, sum(part.amount) AS spent FROM licenses_payment payment
        JOIN licenses_paymentallocation part ON part.payment_id = payment.id AND part.undone_at IS NULL
        GROUP BY payment.id HAVING sum(part.amount) > payment.amount
        """,
    ),
    Invariant(
        "licenses.payment_kept_overspent",
        "С оплаты разнесено и отложено на баланс больше, чем пришло",
        """
        SELECT payment.id, payment.amount, part.used, kept.used AS kept FROM licenses_payment payment
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS used FROM licenses_paymentallocation
            WHERE payment_id = payment.id AND undone_at IS NULL) part
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS used FROM licenses_balanceentry WHERE payment_id = payment.id) kept
        WHERE part.used + kept.used > payment.amount OR kept.used < 0
        """,
    ),
    Invariant(
        "licenses.payment_state_drift",
        "Состояние платежа не сходится с тем, где его деньги",
        """
        SELECT payment.id, payment.match_state, part.used, kept.used AS kept FROM licenses_payment payment
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS used FROM licenses_paymentallocation
            WHERE payment_id = payment.id AND undone_at IS NULL) part
        CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS used FROM licenses_balanceentry WHERE payment_id = payment.id) kept
        WHERE payment.match_state <> CASE
            WHEN payment.skip_reason <> '' THEN 'skipped'
            WHEN part.used + kept.used >= payment.amount THEN CASE WHEN kept.used > 0 THEN 'overpaid' ELSE 'matched' END
            WHEN part.used + kept.used > 0 THEN 'partial'
            WHEN payment.suggested_id IS NOT NULL THEN 'suggested' ELSE 'unmatched' END
        """,
    ),
    Invariant(
        "licenses.balance_below_zero",
        "Баланс аккаунта меньше нуля",
        """
        SELECT account_id, sum(amount) AS balance FROM licenses_balanceentry GROUP BY account_id HAVING sum(amount) < 0
        """,
    ),
    Invariant(
        "licenses.allocated_above_bought",
        "Распределено больше лицензий, чем куплено",
        """
        SELECT license.id, day.starts_on, license.quantity, sum(part.quantity) AS allocated FROM licenses_license license
        JOIN licenses_allocation day ON day.license_id = license.id
        JOIN licenses_allocation part ON part.license_id = license.id AND day.starts_on BETWEEN part.starts_on AND part.ends_on
        GROUP BY license.id, day.id, day.starts_on HAVING sum(part.quantity) > license.quantity
        """,
    ),
)
