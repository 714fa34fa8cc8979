"""Закрепление, one caller at a time (rule C1). The races stand in tests/concurrency/test_binding_race.py."""

import pytest

from clients.models import Binding, Client
from clients.services import (
    client_bind,
    client_bind_if_free,
    client_bind_many,
    client_release,
    client_transfer,
    phone_add,
    signals_refresh,
)
from core.errors import Conflict, DomainError, Forbidden
from core.models import JournalEntry
from tests import factories as make

pytestmark = pytest.mark.django_db


def open_of(client, topic="main"):
    return Binding.objects.open().filter(client=client, topic__code=topic)


def owner(client):
    client.refresh_from_db()
    return client.manager_id


@pytest.mark.rows("R2.12", "R2.15")
def test_a_card_of_the_points_pool_gets_its_manager_in_place(manager):
    client = make.ClientFactory()
    row = make.bound(client, point=manager.salespoint)
    assert client_bind(client_id=client.pk, by=manager).won
    row.refresh_from_db()
    assert (row.manager, row.by, row.closed_at) == (manager, manager, None)
    assert owner(client) == manager.pk
    entry = JournalEntry.objects.get(code="client.bound")
    assert entry.data["manager"] == [None, manager.pk] and entry.client_id == client.pk


@pytest.mark.rows("R2.13", "R2.29")
def test_a_card_of_the_served_region_gets_point_and_manager(manager):
    client = make.ClientFactory(region_code="39")
    assert client_bind(client_id=client.pk, by=manager).won
    client.refresh_from_db()
    assert (client.salespoint_id, client.manager_id) == (manager.salespoint_id, manager.pk)


def test_another_regions_card_does_not_exist_for_a_manager(manager):
    with pytest.raises(Client.DoesNotExist):
        client_bind(client_id=make.ClientFactory(region_code="25").pk, by=manager)


def test_a_card_of_another_points_pool_does_not_exist_for_a_manager(manager, other_point):
    client = make.ClientFactory(region_code="25")
    make.bound(client, point=other_point)
    with pytest.raises(Client.DoesNotExist):
        client_bind(client_id=client.pk, by=manager)


def test_the_winner_repeats_without_a_second_row_of_history(manager):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    again = client_bind(client_id=client.pk, by=manager)
    assert again.is_bound and not again.won
    assert Binding.objects.filter(client=client).count() == 1
    assert JournalEntry.objects.filter(code="client.bound").count() == 1


def test_the_loser_learns_who_has_the_card_and_since_when(manager, colleague):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    with pytest.raises(Conflict) as refused:
        client_bind(client_id=client.pk, by=colleague)
    assert refused.value.who == manager.short_name
    assert refused.value.when == open_of(client).get().manager_since


def test_a_blocked_employee_binds_nothing(manager):
    client = make.ClientFactory()
    stale = type(manager).objects.get(pk=manager.pk)
    assert stale.rights
    type(manager).objects.filter(pk=manager.pk).update(access="forbidden", blocked_at="2026-11-23T09:00Z")
    with pytest.raises(Forbidden):
        client_bind(client_id=client.pk, by=stale)
    assert not Binding.objects.exists() and not JournalEntry.objects.filter(code="client.bound").exists()


def test_a_blocked_employee_is_no_target(manager, colleague):
    type(manager).objects.filter(pk=colleague.pk).update(access="forbidden", blocked_at="2026-11-23T09:00Z")
    with pytest.raises(DomainError, match="доступ закрыт"):
        client_bind(client_id=make.ClientFactory().pk, manager=colleague, by=manager)


@pytest.mark.rows("R2.17")
def test_a_free_card_is_bound_to_a_colleague_of_ones_own_point_only(manager, colleague, other_point):
    client = make.ClientFactory()
    assert client_bind(client_id=client.pk, manager=colleague, by=manager).won
    assert owner(client) == colleague.pk
    with pytest.raises(Forbidden):
        client_bind(client_id=make.ClientFactory().pk, manager=make.employee(point=other_point), by=manager)


def test_support_has_no_right_to_claim():
    with pytest.raises(Forbidden):
        client_bind(client_id=make.ClientFactory().pk, by=make.employee("support"))


def test_the_renewal_centre_claims_the_topic_of_return_only(manager):
    client, centre = make.ClientFactory(region_code="25"), make.employee("renewals")
    with pytest.raises(Forbidden):
        client_bind(client_id=client.pk, by=centre)
    assert client_bind(client_id=client.pk, topic="return", by=centre).won
    assert owner(client) is None  # the card's own manager is the one of «Основная»


def test_topics_are_bound_apart(manager, colleague):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    assert client_bind(client_id=client.pk, topic="tenders", by=colleague).won
    assert owner(client) == manager.pk


def test_a_ceased_organisation_is_refused(manager):
    client = make.ClientFactory(ceased_on="2024-01-01")
    with pytest.raises(DomainError) as refused:
        client_bind(client_id=client.pk, by=manager)
    assert refused.value.code == "ceased"


# --- duplicates and related organisations inside the claim (step 3) ---


@pytest.mark.rows("R2.20", "R2.43")
def test_a_twin_of_another_manager_blocks(manager, colleague):
    head_office = make.ClientFactory(kpp="390601001")
    branch = make.ClientFactory(inn=head_office.inn, kpp="250901001")
    client_bind(client_id=head_office.pk, by=colleague)
    with pytest.raises(DomainError) as refused:
        client_bind(client_id=branch.pk, by=manager, reason="очень надо", confirmed=True)
    assert refused.value.code == "twin" and colleague.short_name in refused.value.message
    assert not open_of(branch).exists()


def test_the_head_overrides_a_twin_with_a_reason(head, colleague):
    first = make.ClientFactory()
    second = make.ClientFactory(inn=first.inn)
    client_bind(client_id=first.pk, by=colleague)
    with pytest.raises(DomainError):
        client_bind(client_id=second.pk, by=head, confirmed=True)
    assert client_bind(client_id=second.pk, by=head, confirmed=True, reason="разные люди, проверено").won


def test_a_twin_of_ones_own_does_not_block(manager):
    first = make.ClientFactory()
    second = make.ClientFactory(inn=first.inn)
    assert client_bind(client_id=first.pk, by=manager).won
    assert client_bind(client_id=second.pk, by=manager).won


def related_pair(**more):
    """Two organisations of one director: strongly related."""
    pair = [make.ClientFactory(**more) for _ in range(2)]
    for client in pair:
        make.details(client, director_inn="390600000027")
    signals_refresh([c.pk for c in pair])
    return pair


def test_a_strong_relative_of_another_manager_asks_for_a_tick_and_a_reason(manager, colleague):
    theirs, wanted = related_pair()
    client_bind(client_id=theirs.pk, by=colleague)
    with pytest.raises(DomainError) as refused:
        client_bind(client_id=wanted.pk, by=manager)
    assert refused.value.code == "related" and colleague.short_name in refused.value.message
    with pytest.raises(DomainError):
        client_bind(client_id=wanted.pk, by=manager, confirmed=True)
    assert client_bind(client_id=wanted.pk, by=manager, confirmed=True, reason="согласовано с коллегой").won
    assert JournalEntry.objects.filter(code="client.bound", client_id=wanted.pk).get().data["over"] == [theirs.pk]


def test_a_weak_relative_is_no_obstacle(manager, colleague):
    theirs, wanted = make.ClientFactory(), make.ClientFactory()
    boss = make.employee("operator")
    for client in (theirs, wanted):
        phone_add(client_id=client.pk, phone="8 (4012) 12-34-56", by=boss)
    client_bind(client_id=theirs.pk, by=colleague)
    assert client_bind(client_id=wanted.pk, by=manager).won


# --- many at once ---


@pytest.mark.rows("R2.16", "R2.30")
def test_one_bad_row_never_aborts_the_batch(manager, colleague):
    free, taken, ceased, twin_of_taken, far_away, mine = (make.ClientFactory() for _ in range(6))
    client_bind(client_id=taken.pk, by=colleague)
    client_bind(client_id=mine.pk, by=manager)
    Client.objects.filter(pk=ceased.pk).update(ceased_on="2025-01-01")
    Client.objects.filter(pk=twin_of_taken.pk).update(inn=taken.inn)
    Client.objects.filter(pk=far_away.pk).update(region_code="25")
    ids = [free.pk, taken.pk, ceased.pk, twin_of_taken.pk, far_away.pk, mine.pk, 10**9]
    results = client_bind_many(client_ids=ids, by=manager)
    assert [r.outcome for r in results] == ["won", "lost", "ceased", "blocked", "missing", "mine", "missing"]
    assert next(r.outcome for r in client_bind_many(client_ids=ids, by=manager)) == "mine"
    assert Binding.objects.filter(client=free).count() == 1


def test_a_batch_costs_no_more_queries_with_more_rows(manager, django_assert_max_num_queries):
    few, many = ([make.ClientFactory().pk for _ in range(n)] for n in (2, 12))
    with django_assert_max_num_queries(200) as first:
        client_bind_many(client_ids=few, by=manager)
    with django_assert_max_num_queries(200) as second:
        client_bind_many(client_ids=many, by=manager)
    # What grows is one journal entry and one lock per row.
    assert len(second) - len(first) <= 2 * 10


# --- release, transfer ---


def test_the_owner_releases_with_a_reason_to_the_points_pool(manager, colleague):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    with pytest.raises(DomainError, match="причину"):
        client_release(client_id=client.pk, reason=" ", by=manager)
    with pytest.raises(Forbidden):
        client_release(client_id=client.pk, reason="не моя", by=colleague)
    client_release(client_id=client.pk, reason="не отвечает", by=manager)
    client.refresh_from_db()
    assert (client.salespoint_id, client.manager_id) == (manager.salespoint_id, None)
    closed = Binding.objects.get(client=client, closed_at__isnull=False)
    assert (closed.manager, closed.close_reason, closed.closed_by) == (manager, "не отвечает", manager)


def test_only_the_head_returns_a_card_to_the_region(manager, head):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    with pytest.raises(Forbidden):
        client_release(client_id=client.pk, reason="никому", by=manager, to_region=True)
    client_release(client_id=client.pk, reason="никому", by=head, to_region=True)
    client.refresh_from_db()
    assert (client.salespoint_id, client.manager_id) == (None, None)


def test_the_head_transfers_inside_the_point_and_history_says_so(manager, colleague, head, other_point):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    with pytest.raises(Forbidden):
        client_transfer(client_id=client.pk, manager=colleague, reason="отпуск", by=manager)
    client_transfer(client_id=client.pk, manager=colleague, reason="отпуск", by=head)
    assert owner(client) == colleague.pk
    assert [b.manager for b in Binding.objects.filter(client=client).order_by("since", "pk")] == [manager, colleague]
    with pytest.raises(Forbidden):
        client_transfer(client_id=client.pk, manager=make.employee(point=other_point), reason="далеко", by=head)


def test_the_operator_transfers_across_points(manager, other_point):
    client, boss, other = make.ClientFactory(), make.employee("operator"), make.employee(point=other_point)
    client_bind(client_id=client.pk, by=manager)
    client_transfer(client_id=client.pk, manager=other, reason="переезд", by=boss)
    client.refresh_from_db()
    assert (client.salespoint, client.manager) == (other_point, other)


def test_a_released_card_is_claimed_anew(manager, colleague):
    client = make.ClientFactory()
    client_bind(client_id=client.pk, by=manager)
    client_release(client_id=client.pk, reason="не отвечает", by=manager)
    assert client_bind(client_id=client.pk, by=colleague).won


@pytest.mark.rows("R2.79")
def test_an_account_binds_a_free_card_and_leaves_another_managers(manager, colleague):
    free, theirs = make.ClientFactory(), make.ClientFactory()
    client_bind(client_id=theirs.pk, by=colleague)
    assert client_bind_if_free(client_id=free.pk, by=manager).won
    assert client_bind_if_free(client_id=theirs.pk, by=manager).outcome == "lost"
    assert owner(theirs) == colleague.pk
