"""The cube of «Распределение» equals a recount, whatever is written, and moves with the calendar."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F, Q

from clients.models import Client, DistributionCell, DistributionClock
from clients.selectors.cube import cells, total
from clients.services import (
    client_bind,
    client_release,
    copies_drift,
    copies_rewrite,
    cube_drift,
    cube_rewrite,
    distribution_clock_move,
    phone_add,
)
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def scatter(number: int, rng: random.Random) -> None:
    Client.objects.bulk_create(
        Client(
            kind="legal", name=f"К {n}", name_norm=f"к {n}", ogrn=make.ogrn13(7_000_000 + n), region_code=rng.choice(["39", "77"]),
            prospect_state=rng.choice(["none", "invited", "lost"]), has_phone=rng.random() < 0.4, registered_on=TODAY - timedelta(days=rng.randint(1, 400)),
        )
        for n in range(number)
    )  # fmt: skip


def test_every_kind_of_write_keeps_the_cells(manager, head):
    distribution_clock_move(on=TODAY)
    rng = random.Random(1)
    scatter(200, rng)
    assert cube_drift() == 0
    ids = list(Client.objects.filter(region_code="39").values_list("pk", flat=True))
    client_bind(client_id=ids[0], by=manager)
    client_release(client_id=ids[0], reason="проверка", by=manager)
    phone_add(client_id=ids[1], phone="84012123456", by=head)
    Client.objects.filter(pk__in=ids[2:40]).update(prospect_state="invited", invite_state="invited")
    Client.objects.filter(pk__in=ids[10:30]).update(registered_on=F("registered_on") - timedelta(days=300))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM clients_client WHERE id = ANY(%s)", [ids[50:60]])
    assert cube_drift() == 0
    assert sum(DistributionCell.objects.values_list("clients", flat=True)) == Client.objects.count() == 190


def test_new_organisations_age_by_the_job(head):
    scatter(200, random.Random(2))
    for day in (TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=40), TODAY - timedelta(days=5)):
        distribution_clock_move(on=day)
        assert distribution_clock_move(on=day) >= 0
        assert cube_drift() == 0
        since = DistributionClock.objects.get().new_since
        asked = cells({"reg": ("new", None, None)}, viewer=make.employee("operator"), on=day, base=Q())
        assert total(asked) == Client.objects.filter(registered_on__gt=since).count()


def test_a_day_or_a_filter_the_cube_does_not_know_is_counted_live(operator):
    distribution_clock_move(on=TODAY)
    assert cells({"reg": ("new", None, None)}, viewer=operator, on=TODAY + timedelta(days=1), base=Q()) is None
    assert cells({"kind": ["legal"]}, viewer=operator, on=TODAY, base=Q()) is None
    assert cells({"resp": "point", "topic": "tenders"}, viewer=operator, on=TODAY, base=Q()) is None
    assert cells({"resp": "point", "phone": "1", "region": "39"}, viewer=operator, on=TODAY, base=Q()) is not None


def test_a_load_past_the_triggers_is_noticed_and_mended(manager):
    scatter(30, random.Random(3))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE clients_client DISABLE TRIGGER USER")
        cursor.execute("UPDATE clients_client SET has_phone = NOT has_phone, invite_state = 'invited'")
        cursor.execute("ALTER TABLE clients_client ENABLE TRIGGER USER")
    assert cube_drift() > 0
    assert copies_drift() == {"invitations": 30, "phones": Client.objects.filter(has_phone=True).count()}
    cube_rewrite()
    copies_rewrite()
    assert cube_drift() == 0 and copies_drift() == {}
