"""Sales points: the list, the card, closing (R1.13, R1.14, R1.16, R1.17)."""

import pytest

from core.errors import Conflict, DomainError, Forbidden
from partners import handover
from partners.models import Partner, SalesPoint
from partners.services.handing import hand_over_start, salespoint_hand_over_start
from partners.services.network import (
    department_add,
    partner_add,
    salespoint_add,
    salespoint_change,
    salespoint_close,
    salespoint_reopen,
)
from tests.factories import LegalEntityFactory, PartnerFactory, SalesPointFactory, region

pytestmark = pytest.mark.django_db


@pytest.mark.rows("R1.16")
def test_the_list_shows_what_one_sees(signed_in, head, operator, point, other_point):
    mine = signed_in(head).get("/partners/?all=1").content.decode()
    assert f"row-{point.pk}" in mine and f"row-{other_point.pk}" not in mine
    assert f'href="/partners/{point.pk}/" aria-label="Открыть карточку: 7699' in mine and ">»</a>" in mine
    assert f"row-{other_point.pk}" in signed_in(operator).get("/partners/?all=1").content.decode()


@pytest.mark.rows("R1.13", "R1.17")
def test_others_read_the_card_and_the_operator_edits(signed_in, head, operator, point, other_point):
    reader = signed_in(head)
    html = reader.get(f"/partners/{point.pk}/").content.decode()
    assert "7699" in html and "/edit/" not in html
    assert reader.get(f"/partners/{point.pk}/edit/").status_code == 403
    assert reader.get(f"/partners/{other_point.pk}/").status_code == 404
    with pytest.raises(Forbidden):
        salespoint_change(salespoint_id=point.pk, by=head, name="Мой офис")
    writer = signed_in(operator)
    assert "/edit/" in writer.get(f"/partners/{point.pk}/").content.decode()
    assert writer.get(f"/partners/{point.pk}/edit/").status_code == 200
    read = point.version
    salespoint_change(salespoint_id=point.pk, by=operator, name="Главный офис", version=read)
    with pytest.raises(Conflict):
        salespoint_change(salespoint_id=point.pk, by=operator, name="Другой", version=read)


@pytest.mark.rows("R1.14", "R1.17")
def test_the_operator_builds_the_network(operator, head):
    partner = partner_add(name="Тихий океан", kind=Partner.Kind.PARTNER, parent=PartnerFactory(), by=operator)
    made = salespoint_add(
        by=operator, regions=[region("25"), region("27")], code="2501", name="Порт", kind="partner", partner=partner,
        legal_entity=LegalEntityFactory(), region=region("25"), zone="Asia/Vladivostok",
    )  # fmt: skip
    assert {r.code for r in made.regions.all()} == {"25", "27"}
    assert department_add(salespoint_id=made.pk, name="Продажи", by=operator).salespoint == made
    with pytest.raises(Forbidden):
        partner_add(name="Чужой", kind=Partner.Kind.PARTNER, by=head)


@pytest.mark.rows("R1.17")
def test_a_point_with_people_or_work_is_not_closed(operator, stranger, other_point, clock_at, monkeypatch):
    from datetime import date

    on = date(2026, 11, 23)
    with pytest.raises(DomainError) as refused:
        salespoint_close(salespoint_id=other_point.pk, by=operator, on=on)
    assert refused.value.code == "people"
    left = [handover.Counted("clients", "Клиенты", 7, "")]
    with monkeypatch.context() as patched:
        patched.setattr(handover, "of_point", lambda point: left)
        with pytest.raises(DomainError, match="клиенты — 7"):
            salespoint_close(salespoint_id=other_point.pk, by=operator, on=on)
    empty = SalesPointFactory(code="3333")
    assert salespoint_close(salespoint_id=empty.pk, by=operator, on=on).state == SalesPoint.State.CLOSED
    assert salespoint_reopen(salespoint_id=empty.pk, by=operator).state == SalesPoint.State.ACTIVE


def test_handing_over_is_a_job_of_whoever_may(operator, head, manager, colleague, stranger, point, other_point):
    run = hand_over_start(employee_id=manager.pk, to_id=colleague.pk, by=head)
    assert run.job == "partners.hand_over" and run.owner == head
    for taker in (manager, stranger):
        with pytest.raises(DomainError):
            hand_over_start(employee_id=manager.pk, to_id=taker.pk, by=head)
    run = salespoint_hand_over_start(salespoint_id=other_point.pk, to_id=point.pk, by=operator)
    assert run.job == "partners.hand_over_point"
    with pytest.raises(Forbidden):
        salespoint_hand_over_start(salespoint_id=point.pk, to_id=other_point.pk, by=head)
