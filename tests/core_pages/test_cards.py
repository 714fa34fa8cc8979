"""Cards: tabs, panels, the one attention note, the way back to the list."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import cards
from partners.models import Employee
from tests.core_pages.conftest import employee

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


@pytest.mark.rows("RX.3")
def test_overview(page, people):
    response = page.get(f"/sample/{people[4].pk}/")
    html = text(response)
    assert "Фамилия005 Анна Евгеньевна" in html and 'aria-label="Дополнительное меню"' in html
    assert "Печать карточки" in html and "Сведения" in html and "11 из 12" in html
    assert re.findall(r'<ul class="tabs".*?</ul>', html, re.S)[0].count("<li>") == 2, (
        "the section without its right is not there"
    )


def test_exactly_one_attention_the_most_urgent(page, people):
    html = text(page.get(f"/sample/{people[4].pk}/"))
    assert html.count('role="note"') == 1 and "Просрочена задача" in html


def test_sections_have_urls(page, people, viewer):
    card = f"/sample/{people[4].pk}/"
    html = text(page.get(f"{card}tasks/"))
    assert f'href="{card}tasks/" aria-current="page"' in html and "Записей нет." in html
    assert page.get(f"{card}secret/").status_code == 403
    assert page.get(f"{card}nothing/").status_code == 404


def test_outside_the_scope_404_without_the_right_403(page, people, viewer):
    assert page.get("/sample/999999999/").status_code == 404
    viewer.grants.filter(right="employees.view").delete()
    response = page.get(f"/sample/{people[4].pk}/")
    assert response.status_code == 403 and "Обратитесь к руководителю" in text(response)


@pytest.mark.rows("R2.42")
def test_next_and_previous_follow_the_list_one_came_from(page, people):
    page.get("/sample/?position=менеджер&sort=-amount&size=25")
    amounts = Employee.objects.filter(position="менеджер").annotate(a=cards_amount())
    order = list(amounts.order_by("-a", "-pk").values_list("pk", flat=True))
    html = text(page.get(f"/sample/{order[3]}/"))
    assert "4 из 60" in html
    assert (
        f'href="/sample/{order[2]}/" data-key="prev"' in html and f'href="/sample/{order[4]}/" data-key="next"' in html
    )
    assert 'href="/sample/?position=' in html, "the path leads back to the filtered list"


def test_at_the_end_of_a_page_the_next_page_opens(page, people):
    page.get("/sample/?size=25")
    order = list(Employee.objects.order_by("last_name", "pk").values_list("pk", flat=True))
    html = text(page.get(f"/sample/{order[24]}/"))
    following = re.search(r'href="([^"]+)" data-key="next"', html)[1].replace("&amp;", "&")
    response = page.get(following)
    assert response["Location"] == f"/sample/{order[25]}/"
    html = text(page.get(response["Location"]))
    assert f'href="/sample/{order[26]}/" data-key="next"' in html
    before = re.search(r'href="([^"]+)" data-key="prev"', html)[1].replace("&amp;", "&")
    assert page.get(before)["Location"] == f"/sample/{order[24]}/"


def test_a_forged_trail_leads_nowhere(page, people):
    card = f"/sample/{people[0].pk}/"
    for here, url in (("//evil.example/", card), ("/sample/", "//evil.example/"), ("https://evil.example/", card)):
        page.cookies["trail"] = "%0A".join([here, "x", "1", "2", "", "", card, url])
        assert "evil.example" not in text(page.get(card))


def test_a_card_asks_little(page, people):
    page.get("/sample/")
    with CaptureQueriesContext(connection) as seen:
        page.get(f"/sample/{people[0].pk}/")
    assert len(seen) <= 12


def test_a_slug_is_registered_once():
    card = cards.Card("x", title="x")
    card.register(cards.Section("a", "A", "t.html", order=2))
    card.register(cards.Section("b", "B", "t.html", order=1))
    with pytest.raises(ValueError):
        card.register(cards.Section("a", "A", "t.html"))
    assert [s.slug for s in card.sections] == ["b", "a"]


def test_names_are_escaped(page, point):
    person = employee(point, 1, last_name="<b>Ы</b>")
    person.save()
    page.get("/sample/")
    assert "<b>Ы" not in text(page.get(f"/sample/{person.pk}/"))


def cards_amount():
    from tests.core_pages.sample import Cast, DecimalField, F, Mod, Value

    return Cast(Mod(F("pk") * 137, Value(9000)), DecimalField(max_digits=14, decimal_places=2))
