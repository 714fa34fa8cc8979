"""Form tokens: a double click, a resubmit and a retried request make one object (F11, B3)."""

import threading

import pytest
from django.db import connection

from core import idempotency
from core.errors import Conflict, DomainError
from core.models import Counter, IdempotencyKey
from tests.factories import employee


def submit(rf, by, token, **fields):
    request = rf.post("/things/", {**fields, **({"form_token": token} if token else {})})
    request.user = by
    return request


def create(name="one"):
    return lambda: Counter.objects.create(series=name)


def test_second_submit_gets_the_first_result(db, rf, manager):
    token = idempotency.issue_token()
    first = idempotency.once(submit(rf, manager, token, a="1"), create())
    again = idempotency.once(submit(rf, manager, token, a="1"), create("two"))
    assert first == again
    assert Counter.objects.count() == 1


@pytest.mark.parametrize("result", ["/accounts/7/", 7, None, [1, 2], {"a": 1}])
def test_results_that_are_no_rows(db, rf, manager, result):
    token = idempotency.issue_token()
    for _ in range(2):
        assert idempotency.once(submit(rf, manager, token), lambda: result) == result


def test_lists_of_rows(db, rf, manager):
    token = idempotency.issue_token()
    first = idempotency.once(submit(rf, manager, token), lambda: [create("a")(), create("b")()])
    assert idempotency.once(submit(rf, manager, token), create("c")) == first


def test_same_token_with_other_fields_is_a_conflict(db, rf, manager):
    token = idempotency.issue_token()
    idempotency.once(submit(rf, manager, token, a="1"), create())
    with pytest.raises(Conflict):
        idempotency.once(submit(rf, manager, token, a="2"), create("two"))
    with pytest.raises(Conflict):
        idempotency.once(submit(rf, manager, token, a="1"), create("two"), name="other form")


def test_refused_submit_gives_the_token_back(db, rf, manager):
    def refuse():
        raise DomainError("Нельзя.")

    token = idempotency.issue_token()
    with pytest.raises(DomainError):
        idempotency.once(submit(rf, manager, token), refuse)
    assert idempotency.once(submit(rf, manager, token), create()).pk == "one"


def test_tokens_are_personal_and_checked(db, rf, manager, colleague):
    token = idempotency.issue_token()
    idempotency.once(submit(rf, manager, token), create())
    assert idempotency.once(submit(rf, colleague, token), create("two")).pk == "two"
    with pytest.raises(Conflict):
        idempotency.once(submit(rf, manager, "garbage"), create("three"))


def test_without_a_token_every_submit_counts(db, rf, manager):
    for name in ("one", "two"):
        idempotency.once(submit(rf, manager, ""), create(name))
    assert Counter.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_submits_at_the_same_moment_make_one_object(rf, threads):
    person, token, both = employee("manager"), idempotency.issue_token(), threading.Barrier(4)

    def do():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_counter (series, value) VALUES (gen_random_uuid()::text, 0) RETURNING series"
            )
            return cursor.fetchone()[0]

    def click(n):
        both.wait(10)
        return idempotency.once(submit(rf, person, token), do)

    assert len(set(threads(4, click))) == 1
    assert Counter.objects.count() == 1


def test_control_without_the_token_they_make_four(rf, threads):
    person = employee("manager")
    threads(4, lambda n: idempotency.once(submit(rf, person, ""), create(f"c{n}")))
    assert Counter.objects.count() == 4
