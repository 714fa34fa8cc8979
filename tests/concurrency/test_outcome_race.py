"""Two people at one moment: an outcome of one term; an outcome while the operator deletes its line (R3.24, R3.34)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.errors import DomainError
from renewals.models import Outcome, OutcomeOption, RenewalRow
from renewals.services import outcome_set
from tests.renewals.conftest import TODAY, account_of, sold, tariff

THREADS = 6
WHY = "Закрываются, отчетность сдает бухгалтер"


@pytest.fixture
def term(transactional_db, manager, clock_at):
    clock_at(TODAY)
    return sold(account_of(manager), tariff("eo", "ЭО"), TODAY + timedelta(days=20))


@pytest.mark.rows("R3.24")
def test_of_simultaneous_outcomes_one_stands_and_all_are_kept(threads, term, manager):
    kinds = ["wrong_contacts", "liquidating"] * (THREADS // 2)
    threads(THREADS, lambda i: outcome_set(term_id=term.pk, kind=kinds[i], by=manager, on=TODAY, comment=f"{WHY} {i}"))
    assert Outcome.objects.filter(term=term).count() == THREADS
    last = Outcome.objects.get(term=term, withdrawn_at=None)
    assert RenewalRow.objects.get(term=term).outcome == last.kind_id
    chain = []
    while last is not None:
        chain.append(last.pk)
        last = last.replaces
    assert len(chain) == THREADS, "each replaced the one before it"


@pytest.mark.rows("R3.34")
def test_a_line_is_either_said_or_deleted(threads, term, manager):
    for n in range(4):
        option = OutcomeOption.objects.create(code=f"own_race{n}", title=f"Свой {n}", effect="stays")

        def act(i: int, code: str = option.code):
            if i:
                return outcome_set(term_id=term.pk, kind=code, by=manager, on=TODAY)
            with transaction.atomic():
                return OutcomeOption.objects.get(code=code).delete()

        deleted, said = threads(2, act, catch=(DomainError, IntegrityError, ProtectedError))
        is_said = isinstance(said, Outcome)
        assert is_said is isinstance(deleted, IntegrityError | ProtectedError), (deleted, said)
        assert OutcomeOption.objects.filter(code=option.code).exists() is is_said
