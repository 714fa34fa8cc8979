"""What is drawn once and kept is drawn anew as soon as anything in it is another."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.safestring import SafeString

from core import filters, navigation
from core.forms import Option, field_groups
from core.lists import state
from core.models import Preference
from core.navigation import Entry

OPTIONS: list[tuple[str, str]] = []


class Sample(filters.FilterSet):
    region = filters.Choice("Регион", choices=lambda: list(OPTIONS), search=True)
    kind = filters.Checks("Вид", choices=[("a", "А"), ("b", "Б")])
    many = filters.Checks("Состояние", choices=lambda: list(OPTIONS))
    text = filters.Text("Название")
    sum = filters.Amount("Сумма")


def drawn(query: str = "", on: tuple[str, ...] = (), kind: type[filters.FilterSet] = Sample) -> str:
    return field_groups(kind(QueryDict(query), Preference.objects.none()).form, on)


def test_a_piece_sees_its_values_and_nothing_else():
    page = Template("{% kept name=user.name %}<b>{{ name }}</b>{{ user.name }}{{ other }}{% endkept %}")
    for name, other in (("А", 1), ("Б", 1), ("А", 2)):
        user = SimpleNamespace(name=name)
        assert page.render(Context({"user": user, "other": other})) == f"<b>{name}</b>"


def test_a_piece_knows_a_text_that_is_safe_from_its_equal():
    page = Template("{% kept name=name %}{{ name }}{% endkept %}")
    assert page.render(Context({"name": "<i>"})) == "&lt;i&gt;"
    assert page.render(Context({"name": SafeString("<i>")})) == "<i>"
    assert page.render(Context({"name": "<i>"})) == "&lt;i&gt;"


def test_a_piece_names_its_values():
    with pytest.raises(TemplateSyntaxError):
        Template("{% kept name %}{% endkept %}")


@pytest.mark.django_db
def test_filters_show_other_options_values_and_marks_at_once(monkeypatch):
    monkeypatch.setitem(globals(), "OPTIONS", [("1", "Первый")])
    before = drawn()
    assert drawn() == before and "Первый" in before
    OPTIONS.append(("2", "Второй"))
    assert "Второй" in drawn() and " selected" not in drawn().replace('value="" selected', "")
    assert '<option value="2" selected>' in drawn("region=2") and 'value="2" checked' not in drawn("region=2")
    assert '<option value="1" selected>' in drawn("region=1")
    OPTIONS[0] = ("1", "Переименован")
    assert "Первый" not in drawn("region=1") and "Переименован" in drawn("region=1")
    assert "is-on" not in drawn("kind=a") and "is-on" in drawn("kind=a", on=("kind",))
    assert 'value="a"' in drawn("text=a") and 'value="b"' in drawn("text=b") and 'value="b"' in drawn("sum_to=b")


@pytest.mark.django_db
def test_a_label_that_only_looks_the_same_is_drawn_anew(monkeypatch):
    monkeypatch.setitem(globals(), "OPTIONS", [("1", "<i>Первый")])
    assert drawn().count("&lt;i&gt;Первый") == 2
    OPTIONS[:] = [("1", Option("<i>Первый", number=1234))]
    assert "1\u00a0234" in drawn()
    OPTIONS[:] = [("1", Option("<i>Первый", number=5))]
    assert "1\u00a0234" not in drawn()
    OPTIONS[:] = [("1", SafeString("<i>Первый"))]
    assert drawn().count("<i>Первый") == 2


@pytest.mark.django_db
def test_a_mistake_is_told_only_where_it_was_made():
    good, bad = drawn("sum_from=1"), drawn("sum_from=x")
    assert 'class="err"' in bad and 'class="err"' not in good
    assert drawn("sum_from=1") == good


@pytest.mark.django_db
def test_options_that_one_request_gives_are_its_own():
    class Own(Sample):
        def __init__(self, data=None, queryset=None, **kwargs):
            super().__init__(data, queryset, **kwargs)
            self.filters["kind"].extra["choices"] = [("z", data.get("who", ""))]

    assert "Иванов" in drawn("who=Иванов", kind=Own) and "Петров" in drawn("who=Петров", kind=Own)
    assert "Иванов" not in drawn("who=Петров", kind=Own) and "Иванов" not in drawn()


class Viewer:
    pk, rights = 1, ("a", "b")

    def has_right(self, right):
        return right in self.rights


def test_the_tree_is_that_of_ones_rights_place_and_numbers(monkeypatch):
    known: dict[str, int] = {}
    monkeypatch.setattr(navigation.cache, "get_many", lambda keys: {k: known[k] for k in keys if k in known})
    below = Entry("Внутри", "/a/in/", "b", counter=lambda employee: 1)
    entries = (Entry("Первый", "/a/", "a", children=(below,)), Entry("Второй", "/b/", "b"))

    def draw(path: str, *rights: str) -> str:
        request, request_user = RequestFactory().get(path), Viewer()
        request_user.rights = rights
        request.user = request_user
        return navigation.drawn(request, entries)

    for _again in range(2):
        assert "Второй" not in draw("/a/", "a") and "Внутри" not in draw("/a/", "a")
        assert "Второй" in draw("/a/", "a", "b") and draw("/a/", "a", "b") != draw("/b/", "a", "b")
        assert draw("/a/in/", "a", "b").count('aria-current="page"') == 1
        assert draw("/elsewhere/", "a", "b").count('aria-current="page"') == 0
    known["nav:1:a-in"] = 7
    assert 'id="nav-a-in">7</span>' in draw("/a/", "a", "b")
    known.clear()
    assert 'id="nav-a-in"></span>' in draw("/a/", "a", "b")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "a=1&b=2&a=3",
        "q=%D0%B8%20%26+%2B",
        "all=1",
        "page=3&q=x",
        "q=~-_.%2F&z=%00",
        "sort=-name&size=25&open=first",
    ],
)
def test_links_are_written_as_django_writes_them(query):
    params = QueryDict(query)
    assert state.written(params) == params.urlencode()
    changed = params.copy()
    for name in ("page", "after", "before", "format", "open"):
        changed.pop(name, None)
    changed["new"] = "я &"
    changed.pop("all", None)
    assert state.changed(params, new="я &") == "?" + changed.urlencode()
    assert params == QueryDict(query), "the page's own parameters stay what they are"


def test_nobodys_page_has_a_head_too():
    from django.shortcuts import render

    request = RequestFactory().get("/")
    request.user, request.htmx = AnonymousUser(), False
    assert "top-search" not in render(request, "404.html").content.decode()
