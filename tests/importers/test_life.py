"""What the register changed about an organisation: on its card, with dates, whoever works with it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

import pytest

from clients.models import Client
from core.models import JournalEntry
from tests.importers import registry_files as files
from tests.importers.directory import card, load, load_subjects

pytestmark = pytest.mark.django_db


@pytest.fixture
def one():
    return files.legal(Random(11), region="39", name='ОБЩЕСТВО "ПРИМЕР"', short='ООО "ПРИМЕР"', founders=1)


def life(one: files.Subject) -> list[tuple[str, str]]:
    """(code, day) of what the card tells of the register, the newest first."""
    return [(entry["code"], entry["on"]) for entry in card(one).details.life or []]


@pytest.mark.rows("R0.4")
def test_every_card_keeps_what_the_register_changed(tmp_path, one):
    """Also one that nobody works with."""
    moved = {"region": "94", "address": "fias", "name": 'ООО "НОВОЕ"', "short": 'ООО "НОВОЕ"'}
    load_subjects(tmp_path, one)
    load_subjects(tmp_path, one.ended(3))
    load_subjects(tmp_path, one.later(9))
    load_subjects(tmp_path, one.later(12, **moved, inn=files.inn10("94", Random(2)), states=("101",)))
    load_subjects(tmp_path, one.later(11, short='ООО "СТАРАЯ ВЫПИСКА"'))
    days = [(one.as_of + timedelta(n)).isoformat() for n in range(20)]
    assert life(one) == [
        ("client.register_state", days[12]), ("client.renamed", days[12]), ("client.inn_changed", days[12]),
        ("client.region_changed", days[12]), ("client.restored", days[9]), ("client.ceased", days[3]),
    ]  # fmt: skip
    assert not JournalEntry.objects.filter(code__in=[code for code, _ in life(one)]).exists()


def test_a_change_is_dated_by_its_own_record_where_that_is_new(tmp_path, one):
    load_subjects(tmp_path, one)
    content = files.legal_xml(one.later(30, name='АО "НОВОЕ"', short='АО "НОВОЕ"', director="ОБРАЗЦОВ ИВАН"))
    fresh = (one.as_of + timedelta(20)).isoformat()
    stands = f'<ГРНДата ГРН="2257800000000" ДатаЗаписи="{one.registered}"'
    assert stands in content
    content = content.replace(
        stands, stands.replace(str(one.registered), fresh), 1
    )  # of the name; the head's stays old
    load(tmp_path, {"a.xml": files.wrap([content], "egrul").encode()})
    assert life(one) == [("client.renamed", fresh), ("client.head_changed", (one.as_of + timedelta(30)).isoformat())]


@pytest.mark.parametrize(
    ("was", "now_is", "moved"),
    [
        ("Индекс 236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16, ОФИС 8", "Индекс 236000, ГОРОДСКОЙ ОКРУГ Г КАЛИНИНГРАД, УЛ МИРА, ЗД. 16, ПОМЕЩ. 8", False),
        ("236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16, ОФИС 8", "236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16", False),
        ("236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16, ОФИС 8", "236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 8, ОФИС 16", True),
        ("236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16, ОФИС 8", "236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16, ОФИС 88", True),
        ("236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16", "236000, Г. КАЛИНИНГРАД, УЛ. ТРУДА, Д. 16", True),
        ("236000, Г. КАЛИНИНГРАД, УЛ. МИРА, Д. 16", "101000, Г. МОСКВА, УЛ. МИРА, Д. 16", True),
    ],
)  # fmt: skip
def test_an_address_written_in_another_form_is_no_move(tmp_path, one, was, now_is, moved):
    """The register rewrites addresses from КЛАДР to ФИАС by itself: nobody moved."""

    def content(subject: files.Subject, address: str) -> bytes:
        place = f'<СвАдресЮЛ><АдресРФ КодРегион="39" Дом="{address}"/></СвАдресЮЛ>'
        return files.wrap([re.sub("<СвАдресЮЛ>.*</СвАдресЮЛ>", place, files.legal_xml(subject))], "egrul").encode()

    load(tmp_path, {"a.xml": content(one, was)})
    load(tmp_path, {"a.xml": content(one.later(5), now_is)})
    assert [code for code, _ in life(one)] == ["client.moved"] * moved


def test_history_on_a_card_is_bounded(tmp_path, one):
    for n in range(25):
        load_subjects(tmp_path, one.later(n, short=f'ООО "{"АБВГД"[n % 5]}ТОРГ"'))
    assert len(life(one)) == 20 and life(one)[0][1] == (one.as_of + timedelta(24)).isoformat()


def test_a_void_registration_takes_no_card_typed_by_hand(tmp_path, one):
    """The same ИНН has a right ОГРН: a client must not look ceased for a mistake of the register."""
    typed = Client.objects.create(kind="legal", inn=one.inn, name="Ромашка", name_norm="ромашка")
    void = files.legal(Random(77), inn=one.inn, kpp="", ceased=date(2020, 1, 1))
    content = files.legal_xml(void).replace('КодСпПрекрЮЛ="201"', 'КодСпПрекрЮЛ="702"')
    load(tmp_path, {"a.xml": files.wrap([content], "egrul").encode()})
    load_subjects(tmp_path, one)
    assert (card(one).pk, card(one).ceased_on, card(void).ceased_on) == (typed.pk, None, date(2020, 1, 1))


def test_the_card_tells_who_acts_who_owns_and_who_follows(tmp_path, one, manager, signed_in, clock_at):
    heir = files.legal(Random(5), name='ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ "ПРЕЕМНИК"', short='ООО "ПРЕЕМНИК"')
    ban = '<СвДискв ДатаНачДискв="2024-01-01" ДатаОкончДискв="2027-01-01"/></СведДолжнФЛ>'
    company = '<СвУпрОрг><НаимИННЮЛ ИНН="7700000016" НаимЮЛПолн="АКЦИОНЕРНОЕ ОБЩЕСТВО &quot;УПРАВА&quot;"/></СвУпрОрг>'
    share = "<ДоляУстКап><РазмерДоли>{}</РазмерДоли></ДоляУстКап>"
    founders = "".join(
        (
            "<УчрЮЛИн><СвНаимЮЛПолнИн НаимПолн='HOLDING LTD'/>",
            share.format("<ДробДесят>0.25</ДробДесят>"),
            "</УчрЮЛИн>",
            '<УчрРФСубМО><ВидНаимУчр КодУчрРФСубМО="1"/>',
            share.format('<ДробПрост Числит="1" Знаменат="3"/>'),
            "</УчрРФСубМО>",
            '<УчрРФСубМО><ВидНаимУчр КодУчрРФСубМО="2" НаимРегион="ПРИМЕРНАЯ ОБЛАСТЬ"/></УчрРФСубМО>',
            "<УчрПИФ><СвНаимПИФ НаимПИФ='ФОНД \"ПАЙ\"'/></УчрПИФ>",
            '<УчрФЛ><СвФЛ Фамилия="ШАБЛОНОВ" Имя="ГЛЕБ"/>',
            share.format('<ДробПрост Числит="1" Знаменат="0"/>'),
            "</УчрФЛ>",
        )
    )
    text = files.legal_xml(one).replace("</СведДолжнФЛ>", ban + company, 1)
    text = text.replace("<СвУчредит>", f"<СвУчредит>{founders}")
    text = text.replace(
        "<СвЗапЕГРЮЛ", f'<СвПреем ОГРН="{heir.ogrn}" НаимЮЛПолн="x"/><СвПреем НаимЮЛПолн="ИНОЙ"/><СвЗапЕГРЮЛ', 1
    )
    load(tmp_path, {"a.xml": files.wrap([text, files.legal_xml(heir)], "egrul").encode()})
    clock_at(date(2026, 11, 1))
    html = " ".join(signed_in(manager).get(f"/clients/{card(one).pk}/").content.decode().split())
    for told in (
        "Holding Ltd, 25 %", "Российская Федерация, 33,33 %", "Примерная область", "Шаблонов Глеб", "Дисквалификация",
        "до 01.01.2027", "Также действуют</dt><dd>Управа, АО, управляющая организация",
        f'href="/clients/{card(heir).pk}/">Преемник, ООО</a>', "236000, область Примерная",
    ):  # fmt: skip
        assert told in html, told
    assert "236000, 236000" not in html
    clock_at(date(2027, 1, 2))
    assert "Дисквалификация" not in signed_in(manager).get(f"/clients/{card(one).pk}/").content.decode()
