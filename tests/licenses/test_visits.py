"""The calendar of visits, what a new day brings, reminders (R0.13, R2.97–R2.100)."""

from datetime import time, timedelta

import pytest

from accounts.models import Account, Task
from core.jobs.registry import get
from core.jobs.scheduling import run_by_hand
from licenses.models import Appointment, Certificate, License
from licenses.services import visit_plan
from licenses.services.account_copies import covered_until
from licenses.services.daily import (
    accounts_to_rewrite,
    certificates_remind,
    certificates_to_remind,
    visits_ask,
    visits_to_mark,
)
from licenses.tasks import zones
from tests import factories as make
from tests.selling import ON, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def engineer(point):
    return make.employee("engineer", point=point, login="engineer", last_name="Инженеров")


@pytest.fixture
def invoice(shop):
    account = shop.account()
    shop.choose(account, "eo-basic", "signature-visit")
    return shop.issue(account)


def planned(shop, invoice, on, **options) -> Appointment:
    return visit_plan(invoice_id=invoice.pk, visit_on=on, by=shop.by, on=ON, **options)


@pytest.mark.rows("R2.97", "R2.98")
def test_the_week_shows_engineers_and_the_office(shop, invoice, engineer, signed_in, stranger):
    planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, visit_at=time(10, 30))
    text = signed_in(shop.by).get("/visits/").content.decode()
    assert "Инженеров" in text and "10:30" in text and shop.client.name in text
    assert shop.client.name in signed_in(engineer).get("/visits/").content.decode()
    assert shop.client.name not in signed_in(stranger).get("/visits/").content.decode()
    assert shop.client.name not in signed_in(shop.by).get("/visits/?week=2026-11-30").content.decode()
    for week in ("", "x", "9999-12-31", "0001-01-01", "\x00"):
        assert signed_in(shop.by).get("/visits/", {"week": week}).status_code == 200


@pytest.mark.rows("R2.98", "R2.100")
def test_an_engineer_marks_his_own_visit(shop, invoice, engineer, signed_in, stranger):
    visit = planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk)
    assert signed_in(stranger).post(f"/visits/{visit.pk}/mark/", {"held": "1"}).status_code == 404
    assert signed_in(engineer).post(f"/visits/{visit.pk}/mark/", {"held": "1"}).status_code == 302
    visit.refresh_from_db()
    assert visit.state == "done"


def test_a_visit_of_yesterday_asks_once_whether_it_took_place(shop, invoice):
    visit = planned(shop, invoice, ON, kind="office")
    assert visits_to_mark(on=ON) == []
    assert visits_to_mark(on=ON + days(1), zone=shop.by.salespoint.zone) == [visit.pk]
    assert (visits_ask([visit.pk], on=ON + days(1)), visits_ask([visit.pk], on=ON + days(2))) == (1, 0)
    assert Task.objects.get(key=f"visit:{visit.pk}").assignee == shop.by


def test_a_certificate_that_ends_is_remembered_once(shop):
    shop.account()
    row = Certificate.objects.create(
        client=shop.client, owner="Лапин", serial="1", valid_from=ON, valid_to=ON + days(30)
    )
    far = Certificate.objects.create(
        client=shop.client, owner="Лапин", serial="2", valid_from=ON, valid_to=ON + days(31)
    )
    assert certificates_to_remind(on=ON) == [row.pk]
    assert (certificates_remind([row.pk], on=ON), certificates_remind([row.pk], on=ON)) == (1, 0)
    assert certificates_to_remind(on=ON + days(1)) == [row.pk, far.pk]


@pytest.mark.parametrize(
    "spans, until",
    [
        ([(-10, -5)], -5),
        ([(-10, 5), (6, 20)], 20),
        ([(-10, 5), (7, 20)], 5),
        ([(3, 20)], None),
        ([], None),
        ([(-10, 5), (-3, 9)], 9),
    ],
)
def test_how_long_an_account_is_paid(spans, until):
    found = covered_until([(ON + timedelta(days=a), ON + timedelta(days=b)) for a, b in spans], ON)
    assert (found - ON).days == until if until is not None else found.year == 1900


def test_a_period_that_begins_later_makes_the_account_paid_on_its_day(shop):
    account = shop.account()
    begin = ON + days(10)
    shop.choose(account, "eo-basic", starts_on=begin)
    invoice = shop.issue(account)
    shop.pay(invoice)
    shop.ship(invoice)
    shop.activate(invoice)
    account.refresh_from_db()
    assert not account.is_paid(ON)
    zone = account.salespoint.zone
    assert accounts_to_rewrite(on=begin - days(1), zone=zone) == []
    assert accounts_to_rewrite(on=begin, zone=zone) == [account.pk]
    assert zone in zones()
    runs = run_by_hand(get("licenses.new_day"), begin)
    assert sum(run.counts.get("changed", 0) for run in runs) == 1
    assert sum(run.counts.get("changed", 0) for run in run_by_hand(get("licenses.new_day"), begin)) == 0
    account.refresh_from_db()
    assert account.paid_until == License.objects.get(account=account).ends_on
    assert Account.objects.paid(on=begin).filter(pk=account.pk).exists()


def test_the_reminders_job_asks_for_what_is_due(shop, invoice):
    planned(shop, invoice, ON, kind="office")
    Certificate.objects.create(client=shop.client, owner="Лапин", serial="1", valid_from=ON, valid_to=ON + days(9))
    assert sum(run.counts.get("made", 0) for run in run_by_hand(get("licenses.reminders"), ON + days(1))) == 2
    assert sum(run.counts.get("made", 0) for run in run_by_hand(get("licenses.reminders"), ON + days(4))) == 0
