"""The calendar of visits, what a new day brings, reminders (R0.13, R2.97–R2.100)."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account, Task
from core import clock
from core.errors import DomainError
from core.jobs.registry import get
from core.jobs.scheduling import run_by_hand
from licenses.models import Appointment, Certificate, License
from licenses.services import visit_cancel, visit_done, visit_missed, visit_plan
from licenses.services.account_copies import covered_until
from licenses.services.daily import (
    accounts_to_rewrite,
    certificates_remind,
    certificates_to_remind,
    visits_ask,
    visits_to_mark,
)
from partners.selectors import business_zones
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


AT = {"visit_at": time(10, 30)}


@pytest.fixture
def second(shop):
    """Another client's invoice that needs a visit."""
    shop.client = make.ClientFactory(region_code="39")
    account = shop.account()
    shop.choose(account, "signature-visit")
    return shop.issue(account)


@pytest.mark.rows("R2.97", "R2.98")
def test_the_week_and_the_day_show_engineers_and_the_office(shop, invoice, engineer, signed_in, stranger):
    planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, **AT)
    for view in ("", "view=day"):
        text = signed_in(shop.by).get(f"/visits/?{view}").content.decode()
        assert "Инженеров" in text and "10:30" in text and shop.client.name in text
        assert shop.client.name in signed_in(engineer).get(f"/visits/?{view}").content.decode()
        assert shop.client.name not in signed_in(stranger).get(f"/visits/?{view}").content.decode()
        assert shop.client.name not in signed_in(shop.by).get(f"/visits/?{view}&date=2026-11-30").content.decode()
    for query in ("date=", "date=x", "date=9999-12-31", "date=0001-01-01", "date=%00", "point=9&engineer=99999999999999999999", "view=x&engineer=-1"):  # fmt: skip
        assert signed_in(shop.by).get(f"/visits/?{query}").status_code == 200


@pytest.mark.rows("R2.98")
def test_the_week_of_one_engineer(shop, invoice, engineer, point, signed_in):
    other = make.employee("engineer", point=point, login="engineer2", last_name="Свободнов")
    planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, **AT)
    page = signed_in(shop.by)
    assert "10:30" in page.get("/visits/", {"engineer": engineer.pk}).content.decode()
    free = page.get("/visits/", {"engineer": other.pk})
    assert "10:30" not in free.content.decode() and [lane.title for lane in free.context["lanes"]] == [other.short_name]


@pytest.mark.parametrize(
    "begins, minutes, busy",
    [(time(10, 30), 60, True), (time(9, 45), 60, True), (time(11, 29), 30, True), (time(9, 30), 60, False), (time(11, 30), 60, False)],
)  # fmt: skip
@pytest.mark.rows("R2.98")
def test_an_engineer_is_in_one_place_at_a_time(shop, invoice, second, engineer, begins, minutes, busy):
    planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, **AT)
    options = {"kind": "engineer", "engineer_id": engineer.pk, "visit_at": begins, "minutes": minutes}
    if not busy:
        assert planned(shop, second, ON, **options).pk
        return
    with pytest.raises(DomainError, match=r"занят 23.11.2026 с 10:30 до 11:30") as refused:
        planned(shop, second, ON, **options)
    assert refused.value.field == "visit_at"
    # The schema refuses it too, whoever asks.
    with pytest.raises(IntegrityError, match="appointment_engineer_free"), transaction.atomic():
        Appointment.objects.create(
            invoice=second,
            kind="engineer",
            on=ON,
            time=begins,
            minutes=minutes,
            engineer=engineer,
            created_at=clock.now(),
        )


def test_a_visit_at_midnight_takes_the_next_day_too(shop, invoice, second, engineer):
    planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, visit_at=time(23, 30), minutes=120)
    with pytest.raises(DomainError, match="занят"):
        planned(shop, second, ON + days(1), kind="engineer", engineer_id=engineer.pk, visit_at=time(1), minutes=60)


@pytest.mark.parametrize(
    "options, field",
    [
        ({"kind": "engineer"}, "engineer"),
        ({"kind": "engineer", "engineer_id": 0, **AT}, "engineer"),
        ({"kind": "office", "visit_on": ON - days(1)}, "visit_on"),
        ({"kind": "office", "visit_on": ON + days(366)}, "visit_on"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(shop, invoice, options, field):
    with pytest.raises(DomainError) as refused:
        planned(shop, invoice, options.pop("visit_on", ON), **options)
    assert refused.value.field == field


@pytest.mark.rows("R2.98")
def test_booked_moved_and_called_off_in_the_calendar(shop, invoice, engineer, signed_in, stranger):
    page = signed_in(shop.by)
    assert f"№ {invoice.number}" in page.get("/visits/").content.decode()
    form = {"invoice": invoice.pk, "kind": "engineer", "visit_on": "24.11.2026", "visit_at": "10:30", "minutes": "90", "engineer": engineer.pk, "comment": "Подпись"}  # fmt: skip
    assert "выезда" in page.get("/visits/add/?visit_on=2026-11-24&visit_at=10:30&engineer=x").content.decode()
    assert page.post("/visits/add/", form | {"visit_at": "25:00"}).status_code == 422
    assert page.post("/visits/add/", form).status_code == 302
    visit = Appointment.objects.get()
    assert (visit.minutes, visit.engineer, visit.comment) == (90, engineer, "Подпись")
    assert page.post("/visits/add/", form).status_code == 422  # it waits no longer
    assert page.get(f"/visits/{visit.pk}/move/").context["form"].initial["visit_at"] == time(10, 30)
    assert page.post(f"/visits/{visit.pk}/move/", form | {"visit_on": "26.11.2026"}).url == "/visits/?date=2026-11-26"
    visit.refresh_from_db()
    assert visit.state == "moved"
    moved = Appointment.objects.get(state="planned")
    for step in ("move", "cancel"):
        assert signed_in(stranger).get(f"/visits/{moved.pk}/{step}/").status_code == 404
        assert signed_in(stranger).post(f"/visits/{moved.pk}/{step}/", {"reason": "x"}).status_code == 404
    assert page.post(f"/visits/{moved.pk}/cancel/", {"reason": " "}).status_code == 422
    assert page.post(f"/visits/{moved.pk}/cancel/", {"reason": "Клиент передумал"}).status_code == 302
    moved.refresh_from_db()
    assert (moved.state, moved.reason) == ("cancelled", "Клиент передумал")
    assert shop.client.name in page.get("/visits/").content.decode()  # waits again
    history = page.get(f"/accounts/{invoice.account.number}/history/").content.decode()
    assert "Визит перенесен: Выезд инженера, 26.11.2026" in history and "отменен: Клиент передумал" in history


@pytest.mark.rows("R2.99", "R2.100")
def test_what_is_shipped_stays_within_three_days_of_its_visit(shop, invoice):
    shop.pay(invoice)
    visit = planned(shop, invoice, ON + days(3), kind="office")
    shop.ship(invoice)
    with pytest.raises(DomainError, match=r"не позже 26.11.2026"):
        planned(shop, invoice, ON + days(4), kind="office")
    with pytest.raises(DomainError, match="уже отгружен"):
        visit_cancel(visit_id=visit.pk, reason="Болеет", by=shop.by, on=ON)
    assert planned(shop, invoice, ON + days(2), kind="office").on == ON + days(2)


@pytest.mark.rows("R2.98", "R2.100")
def test_an_engineer_marks_his_own_visit(shop, invoice, engineer, signed_in, stranger):
    visit = planned(shop, invoice, ON, kind="engineer", engineer_id=engineer.pk, **AT)
    assert signed_in(stranger).post(f"/visits/{visit.pk}/mark/", {"held": "1"}).status_code == 404
    assert signed_in(engineer).post(f"/visits/{visit.pk}/mark/", {"held": "1"}).status_code == 302
    visit.refresh_from_db()
    assert visit.state == "done"


@pytest.mark.parametrize("step", [visit_done, visit_missed])
def test_tomorrow_is_marked_tomorrow(shop, invoice, step):
    visit = planned(shop, invoice, ON + days(1), kind="office")
    with pytest.raises(DomainError, match=r"24.11.2026 или позже"):
        step(visit_id=visit.pk, by=shop.by, on=ON)


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
        client=shop.client, owner="Осина", serial="2", valid_from=ON, valid_to=ON + days(31)
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
    assert zone in business_zones()
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
