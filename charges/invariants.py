"""What must never be found in charges and blocks (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "charges.overdue_without_block",
        "Просроченное начисление без блокировки",
        """
        SELECT charge.id, charge.account_id, charge.due_on FROM charges_charge charge
        WHERE charge.state IN ('formed', 'invoiced') AND charge.due_on < %(on)s::date - 1
          AND NOT EXISTS (SELECT 1 FROM charges_activeblock block WHERE block.charge_id = charge.id AND block.lifted_on IS NULL)
        """,
    ),
    Invariant(
        "charges.block_of_settled",
        "Блокировка по погашенному начислению не снята",
        """
        SELECT block.id, block.charge_id FROM charges_activeblock block
        JOIN charges_charge charge ON charge.id = block.charge_id
        WHERE block.lifted_on IS NULL AND charge.state = 'settled'
        """,
    ),
)
