"""Many managers press «Закрепить» at the same moment (C1; acceptance tests 1 and 2). The long form: tests/chaos/race_chaos.py."""

import pytest

from clients.models import Binding
from clients.services import client_bind, client_bind_many
from core.errors import Conflict, DomainError
from core.faults import at, without_protection
from tests import factories as make

THREADS = 12


@pytest.fixture
def managers(transactional_db):
    return [make.employee() for _ in range(THREADS)]


@pytest.mark.parametrize("pool", ["A", "B"])
@pytest.mark.rows("RX.6")
def test_one_card_has_one_winner_and_the_losers_learn_who(threads, managers, pool):
    for _ in range(4):
        client = make.ClientFactory()
        if pool == "A":
            make.bound(client, point=managers[0].salespoint)
        results = threads(THREADS, lambda i, pk=client.pk: client_bind(client_id=pk, by=managers[i]), catch=(Conflict,))
        won = [i for i, r in enumerate(results) if not isinstance(r, Conflict) and r.won]
        assert len(won) == 1
        losers = [r for r in results if isinstance(r, Conflict)]
        assert len(losers) == THREADS - 1
        assert {(loser.who, loser.when is not None) for loser in losers} == {(managers[won[0]].short_name, True)}
        assert Binding.objects.open().get(client=client).manager == managers[won[0]]


def owners_of_twins(threads, managers) -> int:
    """How many managers two cards of one ИНН have after twelve simultaneous claims."""
    first = make.ClientFactory()
    pair = [first.pk, make.ClientFactory(inn=first.inn, kpp="250901001").pk]
    threads(THREADS, lambda i: client_bind(client_id=pair[i % 2], by=managers[i]), catch=(DomainError,))
    return Binding.objects.open().filter(client__in=pair).values("manager").distinct().count()


def test_two_cards_of_one_inn_never_get_two_managers(threads, managers):
    assert [owners_of_twins(threads, managers) for _ in range(4)] == [1] * 4


def test_without_the_lock_they_do(threads, managers):
    """The control: the protection is what protects."""
    import time

    with without_protection("clients.bind.lock"), at("clients.bind.checked", lambda: time.sleep(0.05)):
        assert 2 in [owners_of_twins(threads, managers) for _ in range(5)]


def test_batches_over_the_same_cards_share_them_without_deadlock(threads, managers):
    ids = [make.ClientFactory().pk for _ in range(30)]
    orders = [ids, ids[::-1], ids[10:] + ids[:10]]
    results = threads(6, lambda i: client_bind_many(client_ids=orders[i % 3], by=managers[i]))
    outcomes = [r.outcome for batch in results for r in batch]
    assert outcomes.count("won") == 30 and outcomes.count("lost") == 150
    assert Binding.objects.open().filter(client__in=ids).count() == 30
