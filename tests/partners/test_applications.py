"""«Как стать партнером» and the operator's queue (R1.12, R1.14)."""

from datetime import date

import pytest

from core.errors import Conflict, Forbidden
from partners import consent, registry_lookup
from partners.models import PartnerApplication, SalesPoint
from partners.services.applications import application_accept, application_reject, application_take
from tests.factories import ClientFactory, LegalEntityFactory, inn10, region

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R1.12")]


def filled(**changed):
    return {
        "inn": inn10(77),
        "name": "Новый партнер, ООО",
        "region": "39",
        "person": "Иванова Анна",
        "phone": "+7 401 212-34-56",
        "email": "anna@example.org",
        "comment": "",
        "site": "",
        "consent": "on",
        "consent_version": consent.VERSION,
        **changed,
    }


def test_a_stranger_applies(client, mailoutbox, django_capture_on_commit_callbacks):
    page = client.get("/become-partner/").content.decode()
    assert "Согласен на обработку" in page and client.get("/become-partner/consent/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/become-partner/", filled()).status_code == 302
    kept = PartnerApplication.objects.get()
    assert kept.state == "new" and kept.phone == "+74012123456" and kept.consent_version == consent.VERSION
    assert client.get("/become-partner/sent/").status_code == 200 and mailoutbox[0].to == ["anna@example.org"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"inn": "3906900000"}, "Такого ИНН не бывает"),
        ({"consent": ""}, "Без согласия"),
        ({"phone": "12"}, "Укажите телефон"),
        ({"region": "xx"}, "Новый партнер, ООО"),
    ],
)
def test_mistakes_are_explained_and_nothing_typed_is_lost(client, changed, told):
    answer = client.post("/become-partner/", filled(**changed))
    html = answer.content.decode()
    assert answer.status_code == 422 and told in html and "Иванова Анна" in html
    assert not PartnerApplication.objects.exists()


def test_a_robot_is_thanked_and_forgotten(client):
    assert client.post("/become-partner/", filled(site="http://spam.example")).status_code == 302
    assert not PartnerApplication.objects.exists()


def test_a_second_one_within_thirty_days_joins_the_first(client):
    client.post("/become-partner/", filled())
    client.post("/become-partner/", filled(person="Петров Лев", email="lev@example.org"))
    kept = PartnerApplication.objects.get()
    assert kept.repeats == 1 and kept.person == "Иванова Анна" and "Петров Лев" in kept.comment


def test_too_many_from_one_address(client):
    answers = [client.post("/become-partner/", filled(inn=inn10(100 + n))).status_code for n in range(6)]
    assert answers == [302] * 5 + [429]


@pytest.fixture
def application(client):
    client.post("/become-partner/", filled())
    return PartnerApplication.objects.get()


@pytest.mark.rows("R1.14")
def test_the_operator_takes_and_accepts(signed_in, operator, head, application):
    assert signed_in(head).get("/partners/applications/").status_code == 403
    client = signed_in(operator)
    assert application.name in client.get("/partners/applications/?all=1").content.decode()
    url = application.get_absolute_url()
    assert client.get(url).status_code == 200 and client.get(f"{url}accept/").status_code == 200
    client.post(f"{url}take/")
    created = application_accept(
        application_id=application.pk, by=operator, code="3901", name="Партнер", region=region("39"),
        regions=[region("39")], zone="Europe/Kaliningrad", legal_entity=LegalEntityFactory(),
    )  # fmt: skip
    application.refresh_from_db()
    assert application.state == "accepted" and application.salespoint == created
    assert created.kind == SalesPoint.Kind.PARTNER and created.partner.name == application.name
    with pytest.raises(Conflict):
        application_reject(application_id=application.pk, answer="поздно", by=operator)


def test_one_takes_and_the_answer_of_a_refusal_is_sent(
    operator, manager, application, mailoutbox, django_capture_on_commit_callbacks
):
    with pytest.raises(Forbidden):
        application_take(application_id=application.pk, by=manager)
    application_take(application_id=application.pk, by=operator)
    with pytest.raises(Conflict):
        application_take(application_id=application.pk, by=operator)
    with django_capture_on_commit_callbacks(execute=True):
        application_reject(application_id=application.pk, answer="Регион уже занят", by=operator)
    assert "Регион уже занят" in mailoutbox[-1].body


def test_the_register_of_clients_knows_the_organisation(client, signed_in, operator):
    ClientFactory(inn=inn10(78), name="Ромашка Реестровая, ООО")
    ClientFactory(inn=inn10(79), name="Закрытая, ООО", ceased_on=date(2024, 5, 1))
    assert client.post("/become-partner/", filled(inn=inn10(78), name="Как написал")).status_code == 302
    kept = PartnerApplication.objects.get()
    assert kept.name == "Ромашка Реестровая, ООО", "the register's name, not the typed one"
    assert "Ромашка Реестровая" in signed_in(operator).get(kept.get_absolute_url()).content.decode()
    answer = client.post("/become-partner/", filled(inn=inn10(79)))
    assert answer.status_code == 422 and "прекратила деятельность" in answer.content.decode()


def test_a_card_typed_by_hand_is_no_register_and_a_working_card_goes_before_a_ceased_one(client):
    ClientFactory(inn=inn10(80), name="Набранная рукой", ogrn=None)
    assert registry_lookup.find(inn10(80)) is None
    ClientFactory(inn=inn10(80), name="Старая, ООО", ceased_on=date(2020, 5, 1))
    assert registry_lookup.find(inn10(80)).is_ceased
    ClientFactory(inn=inn10(80), name="Новая, ООО", kpp="390601002")
    found = registry_lookup.find(inn10(80))
    assert (found.name, found.is_ceased) == ("Новая, ООО", False)
