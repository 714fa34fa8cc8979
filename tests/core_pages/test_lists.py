"""Declared lists: what every list page of the program inherits."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from core import keyset
from core.jobs import running
from core.lists import counts, paging
from core.models import ExportRecord, JobRun, Preference, SavedSelection
from partners.models import Employee, SalesPoint
from tests.core_pages import sample
from tests.core_pages.conftest import NOW, employee

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "main"}


def text(response) -> str:
    return response.content.decode()


def ids(response) -> list[int]:
    return [int(found) for found in re.findall(r'data-id="(\d+)"', text(response))]


def total(response) -> str:
    return re.search(r'data-total="([^"]+)"', text(response))[1]


def link(response, label: str) -> str:
    found = re.search(rf'<a[^>]*href="([^"]+)"[^>]*aria-label="{label}"', text(response))
    return found[1].replace("&amp;", "&") if found else ""


def test_first_page(page, people):
    response = page.get("/sample/")
    assert len(ids(response)) == 50
    assert total(response) == "121"
    assert 'aria-sort="ascending"' in text(response)
    assert "Итого по фильтру: 121 сотрудник" in text(response)


@pytest.mark.rows("R0.6", "R2.40")
def test_filter_by_several_parameters(page, people):
    response = page.get("/sample/?position=менеджер&phone=1&amount_from=1&seen=year")
    expected = Employee.objects.filter(position="менеджер").exclude(phone="")
    assert set(ids(response)) <= set(expected.values_list("pk", flat=True)) and ids(response)
    for words in ("Должность:", "Телефон:", "с телефоном", "Был в системе:", "этот год"):
        assert words in text(response)
    assert "Снять фильтр «Телефон»" in text(response)
    assert "phone=" not in link(response, "Снять фильтр «Телефон»")
    assert "Отобразить" in text(response)


@pytest.mark.rows("R2.40")
def test_nothing_found_offers_a_reset(page, people):
    response = page.get("/sample/?q=нет+таких")
    assert "По этим условиям ничего нет." in text(response) and 'href="?all=1"' in text(response)
    assert total(response) == "0"


def test_an_empty_list_says_what_that_means(page, viewer, monkeypatch):
    everyone = sample.EmployeeSample.get_queryset
    monkeypatch.setattr(sample.EmployeeSample, "get_queryset", lambda self: everyone(self).none())
    assert "Здесь пока ничего нет." in text(page.get("/sample/"))
    assert "По этим условиям ничего нет." in text(page.get("/sample/?seg=managers"))


@pytest.mark.parametrize(
    "query, words",
    [
        ("amount_from=abc", "Сумма, ₽"),
        ("amount_from=5&amount_to=1", "Начало больше конца"),
        ("seen=period&seen_from=31.02.2026", "Введите дату"),
        ("access=nobody", "Доступ"),
        ("position=король", "Должность"),
    ],
)
def test_an_invalid_filter_gives_no_rows_and_keeps_what_was_typed(page, people, query, words):
    response = page.get("/sample/", dict(pair.split("=") for pair in query.split("&")))
    assert response.status_code == 422
    assert ids(response) == [] and words in text(response) and total(response) == "0"
    if "abc" in query:
        assert 'value="abc"' in text(response)
    assert page.get(f"/sample/?{query}&format=xlsx").status_code == 422


def test_periods(page, people, clock_at):
    clock_at(NOW)
    today = ids(page.get("/sample/?seen=period&seen_from=01.01.2000&seen_to=23.11.2026"))
    assert len(today) == 50
    assert ids(page.get("/sample/?seen=period&seen_from=24.11.2026")) == []


def test_the_canonical_url_has_no_empty_parameters(page, people):
    response = page.get("/sample/?q=&position=менеджер&all=1&seen_from=")
    assert response.status_code == 302
    assert parse_qs(urlsplit(response["Location"]).query) == {"position": ["менеджер"]}
    assert page.get("/sample/?all=1").status_code == 200


@pytest.mark.rows("R2.42")
def test_the_last_filter_is_remembered_when_one_comes_back(page, people):
    page.get("/sample/?position=менеджер&page=2")
    elsewhere, same = {"referer": "http://testserver/clients/"}, {"referer": "http://testserver/sample/"}
    response = page.get("/sample/", headers=elsewhere)
    assert parse_qs(urlsplit(response["Location"]).query) == {"position": ["менеджер"]}
    assert page.get("/sample/", headers=same).status_code == 200
    assert page.get("/sample/").status_code == 200
    assert page.get("/sample/", headers={"referer": "http://evil.example/"}).status_code == 200
    page.get("/sample/?all=1")
    assert page.get("/sample/", headers=elsewhere)["Location"] == "/sample/?all=1"


def test_order_ends_with_the_primary_key_and_comes_from_the_table(page, people):
    down = ids(page.get("/sample/?sort=-amount"))
    assert down == list(
        Employee.objects.annotate(a=keyset.F("pk") * 137 % 9000).order_by("-a", "-pk").values_list("pk", flat=True)[:50]
    )
    plain = ids(page.get("/sample/"))
    assert ids(page.get("/sample/?sort=password")) == plain == ids(page.get("/sample/?sort=seen__x"))


def walk(page, url: str, label: str) -> list[list[int]]:
    found, response = [], page.get(url)
    while True:
        found.append(ids(response))
        following = link(response, label)
        if not following:
            return found
        response = page.get(f"/sample/{following}")


@pytest.mark.parametrize("sort", ["name", "-name", "amount", "-amount"])
def test_pages_walk_forth_and_back(page, people, sort):
    there = walk(page, f"/sample/?sort={sort}&size=25", "Следующая страница")
    assert [len(rows) for rows in there] == [25, 25, 25, 25, 21]
    assert len({pk for rows in there for pk in rows}) == 121
    back = walk(page, f"/sample/?sort={sort}&size=25&page=5", "Предыдущая страница")
    assert back == there[::-1]


def test_keyset_pages_keep_their_place_when_rows_come_and_go(page, people, point):
    first = page.get("/sample/?size=25")
    employee(point, 500, login="new", last_name="Аааа").save()
    second = page.get(f"/sample/{link(first, 'Следующая страница')}")
    assert not set(ids(first)) & set(ids(second)), "a row that came before does not push the page"
    assert "26–50 из 122" in text(second)


def test_row_comparison_is_one_condition(db):
    queryset = keyset.beyond(Employee.objects.all(), ["-last_name", "-pk"], ["Б", 7])
    sql = str(queryset.query)
    assert '("partners_employee"."last_name", "partners_employee"."id") < (Б, 7)' in sql
    assert keyset.fields_of(Employee, ["blocked_at", "pk"]) is None, "nullable"
    assert keyset.fields_of(Employee, ["-last_name", "pk"]) is None, "two directions"


@pytest.mark.parametrize("token", ["", "x", "e30", "W10", "WzEsIlx1MDAwMCIsMV0", "%00", "a" * 5000])
def test_a_foreign_token_gives_the_first_page(page, people, token):
    assert ids(page.get("/sample/", {"after": token or "x", "all": 1})) == ids(page.get("/sample/"))


def test_last_page(page, people):
    response = page.get("/sample/?page=last&all=1")
    assert ids(response)[-1] == ids(page.get("/sample/?page=3"))[-1]


def test_pages_by_number_are_bounded():
    from django.http import QueryDict

    assert paging.number_of(QueryDict("page=100000")) == paging.LAST_JUMP
    assert paging.size_of(QueryDict("size=1000000")) == 50


def test_segments_count_the_filter_and_narrow_it(page, people):
    response = page.get("/sample/?seg=managers&phone=1")
    everyone = Employee.objects.exclude(phone="")
    managers = everyone.filter(position="менеджер").count()
    assert total(response) == str(managers)
    assert f"Все <b>{everyone.count()}</b>" in text(response) and f"Менеджеры <b>{managers}</b>" in text(response)


def test_counting_stops_at_the_cap(page, people, monkeypatch):
    monkeypatch.setattr(counts, "CAP", 100)
    response = page.get("/sample/")
    assert total(response) == "100+" and "Итого по фильтру" not in text(response)
    assert total(page.get("/sample/?seg=managers")) == "60", "the segment alone is below the cap"


def test_a_slow_filter_names_what_to_add(page, people, monkeypatch):
    class Cancelled(Exception):
        sqlstate = "57014"

    def slow(*args, **kwargs):
        raise OperationalError from Cancelled()

    monkeypatch.setattr(paging, "cut", slow)
    response = page.get("/sample/?q=а")
    assert "база не успела ответить. Уточните фильтр." in text(response) and ids(response) == []


def test_queries_do_not_grow_with_rows(page, point, viewer):
    Employee.objects.bulk_create([employee(point, n) for n in range(1, 70)])
    page.get("/sample/")
    with CaptureQueriesContext(connection) as few:
        page.get("/sample/")
    Employee.objects.bulk_create([employee(point, n) for n in range(70, 160)])
    page.get("/sample/")  # names of people are read anew once
    with CaptureQueriesContext(connection) as many:
        page.get("/sample/")
    own = [q for q in many.captured_queries if 'FROM "partners_employee"' in q["sql"] and "LIMIT" in q["sql"]]
    assert len(few) == len(many) <= 6
    assert len([q for q in own if "LIMIT 51" in q["sql"] or "LIMIT 10001" in q["sql"]]) == 2


def test_columns_are_chosen_by_post_and_kept(page, people, viewer):
    assert "Отдел" in text(page.get("/sample/")) and '<th scope="col">Отдел' not in text(page.get("/sample/"))
    response = page.post("/sample/", {"do": "columns", "column": ["department", "amount"], "query": "phone=1"})
    assert response["Location"] == "/sample/?phone=1"
    assert Preference.objects.get(employee=viewer, section="sample", key="columns").value == ["amount", "department"]
    shown = re.findall(r"<th [^>]*>(?:<a[^>]*>)?([^<]+)", text(page.get("/sample/")))
    assert [s.strip() for s in shown if s.strip()] == ["Сотрудник", "К выплате, ₽", "Отдел"]
    page.post("/sample/", {"do": "columns", "reset": "1"})
    assert not Preference.objects.exists()


@pytest.mark.rows("R0.6")
def test_saved_selections(page, people, viewer, point):
    page.post("/sample/", {"do": "save", "title": " Мои  инженеры ", "query": "position=инженер&page=3&q="})
    saved = SavedSelection.objects.get(owner=viewer, section="sample")
    assert (saved.title, parse_qs(saved.query), saved.scope) == ("Мои инженеры", {"position": ["инженер"]}, "personal")
    page.post("/sample/", {"do": "save", "title": "Общий", "query": "phone=1", "shared": "1", "default": "1"})
    response = page.get("/sample/")
    assert "Мои инженеры" in text(response) and "Инженеры с телефоном" in text(response)
    assert total(response) == str(Employee.objects.exclude(phone="").count()), "the default one opens by itself"
    assert total(page.get("/sample/?all=1")) == "121"
    colleague = employee(point, 600, login="colleague")
    colleague.save()
    foreign = SavedSelection.objects.create(section="sample", title="Чужой", query="", owner=colleague, created_at=NOW)
    assert "Чужой" not in text(page.get("/sample/"))
    page.post("/sample/", {"do": "forget", "selection": foreign.pk})
    page.post("/sample/", {"do": "forget", "selection": saved.pk})
    assert set(SavedSelection.objects.values_list("title", flat=True)) == {"Общий", "Чужой"}
    assert page.post("/sample/", {"do": "save", "title": " "}).status_code == 422


def test_excel_is_what_is_filtered_in_the_order_of_the_screen(page, people, viewer):
    query = "position=менеджер&sort=-amount&seg=managers"
    response = page.get(f"/sample/?{query}&format=xlsx&page=2")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]
    names = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] and "Фамилия" in str(row[0])]
    on_screen = walk(page, f"/sample/?{query}", "Следующая страница")
    by_id = Employee.objects.in_bulk()
    assert names == [by_id[pk].full_name for rows in on_screen for pk in rows] and len(names) == 60
    assert ExportRecord.objects.get().section == "sample"


def test_excel_needs_its_right(page, people, viewer):
    viewer.grants.filter(right="exports.make").delete()
    assert page.get("/sample/?format=xlsx").status_code == 403
    assert "Выгрузить в Excel" not in text(page.get("/sample/"))


def test_a_long_excel_is_a_job(page, people, monkeypatch):
    from core import exports

    monkeypatch.setattr(exports, "INLINE_ROWS", 100)
    assert page.get("/sample/?format=xlsx")["Location"] == "/jobs/"
    assert JobRun.objects.get().job == "core.export"


class TestBulk:
    def rename(self, page, **data):
        return page.post("/sample/", {"do": "rename", "position": "новая", "confirmed": "1", **data})

    @pytest.mark.rows("R2.16")
    def test_asks_first(self, page, people):
        response = page.post("/sample/", {"do": "rename", "pk": [people[0].pk, people[1].pk]})
        assert "Сменить должность?" in text(response) and "2 сотрудника." in text(response)
        assert not Employee.objects.filter(position="новая").exists()

    @pytest.mark.rows("R2.16")
    def test_ticked_rows(self, page, people):
        assert self.rename(page, pk=[people[0].pk, people[1].pk]).status_code == 302
        assert Employee.objects.filter(position="новая").count() == 2

    @pytest.mark.rows("R2.16")
    def test_one_bad_row_never_aborts_the_batch(self, page, people, point):
        bad = employee(point, 700, last_name="Отказник")
        bad.save()
        response = self.rename(page, pk=[people[0].pk, bad.pk, people[2].pk])
        assert "Изменено: 2, отказано: 1." in text(response) and "Эту должность менять нельзя." in text(response)
        assert Employee.objects.filter(position="новая").count() == 2

    @pytest.mark.rows("R2.16")
    def test_all_rows_of_the_filter(self, page, people):
        url = "/sample/?position=менеджер"
        response = page.post(url, {"do": "rename", "every": "1"})
        assert "Все по фильтру: 60 сотрудников." in text(response) and 'name="expected" value="60"' in text(response)
        form = {"do": "rename", "every": "1", "confirmed": "1", "position": "новая"}
        changed = page.post(url, {**form, "expected": "59"})
        assert changed.status_code == 409 and "Список изменился" in text(changed)
        assert page.post(url, {**form, "expected": "60"}).status_code == 302
        assert Employee.objects.filter(position="новая").count() == 60

    def test_a_mistake_keeps_what_was_typed(self, page, people):
        response = self.rename(page, pk=[people[0].pk], position="x" * 41)
        assert response.status_code == 422 and "x" * 41 in text(response) and 'aria-invalid="true"' in text(response)

    def test_a_second_click_repeats_nothing(self, page, people):
        token = re.search(
            r'name="form_token" value="([^"]+)"', text(page.post("/sample/", {"do": "rename", "pk": people[0].pk}))
        )[1]
        for _click in range(2):
            assert self.rename(page, pk=[people[0].pk], form_token=token).status_code == 302

    def test_rows_outside_the_scope_are_not_there(self, page, people, point):
        other = SalesPoint.objects.create(
            code="3902",
            name="Другая",
            partner=point.partner,
            legal_entity=point.legal_entity,
            region=point.region,
            zone=point.zone,
        )
        foreign = employee(other, 800)
        foreign.save()
        assert self.rename(page, pk=[foreign.pk]).status_code == 422
        self.rename(page, pk=[foreign.pk, people[0].pk])
        assert list(Employee.objects.filter(position="новая")) == [people[0]]

    def test_nothing_chosen_and_unknown_action(self, page, people):
        assert "Отметьте строки" in text(self.rename(page))
        assert page.post("/sample/", {"do": "explode", "pk": people[0].pk}).status_code == 422

    def test_many_rows_are_a_job(self, page, people):
        assert self.rename(page, every="1", expected="121").status_code == 302
        run = running.execute(JobRun.objects.get().pk)
        assert (run.state, run.counts) == ("done", {"done": 121, "refused": 0}), run.message
        assert Employee.objects.filter(position="новая").count() == 121


def test_a_fragment_for_htmx(page, people):
    response = page.get("/sample/", headers=HTMX)
    assert "<!doctype" not in text(response) and '<main class="page" id="main"' in text(response)
    assert "HX-Request" in response["Vary"] and response["Cache-Control"] == "no-store"


def test_a_slim_row_template_gives_the_same_rows(page, people):
    fast = page.get("/sample/fast/")
    assert ids(fast) == ids(page.get("/sample/"))
    page.post("/sample/fast/", {"do": "columns", "column": ["amount"]})
    assert 'data-l="Должность"' not in text(page.get("/sample/fast/"))


def test_values_are_escaped(page, point, viewer):
    employee(point, 1, last_name="<script>alert(1)</script>", position='"><img src=x>').save()
    html = text(page.get("/sample/")) + text(page.get("/sample/?q=<script>alert(2)</script>"))
    assert "<script>alert" not in html and "<img src=x" not in html


# --- while one fills in the filter, and after a step ---


def test_the_number_of_the_filter_being_filled_in(page, people):
    assert page.get("/sample/?position=инженер&format=count").json() == {"words": "61"}
    assert page.get("/sample/?all=1&format=count").json() == {"words": "121"}
    assert page.get("/sample/?seen=period&seen_from=вчера&format=count").json() == {"words": ""}
    assert "f_sample" not in page.cookies  # a filter that is only being filled in is not remembered


def test_rows_that_leave_the_filter_stay_pale_where_they_stood(page, people):
    listed = page.get("/sample/?position=инженер&size=25").content.decode()
    ids = [int(n) for n in re.findall(r'data-id="(\d+)"', listed)]
    Employee.objects.filter(pk__in=ids[2:4]).update(position="директор")
    headers = {"X-Rows": ",".join(map(str, ids)), "HX-Request": "true", "HX-Target": "main"}
    again = page.get("/sample/?position=инженер&size=25", headers=headers).content.decode()
    order = [int(n) for n in re.findall(r'<tr (?:id="row-\d+" data-id|class="is-gone" data-gone)="(\d+)"', again)]
    assert order[:25] == ids and [int(n) for n in re.findall(r'data-gone="(\d+)"', again)] == ids[2:4]
    assert again.count("Больше не подходит под фильтр") == 1 and "директор" in again
    assert not re.search(r'data-gone="\d+"><td class="c-sel"><label', again)
    assert "is-gone" not in page.get("/sample/?position=инженер&size=25").content.decode()


@pytest.mark.parametrize("asked", ["", "x,;--", "1" * 30, "99999999", ",".join(["5"] * 1000), "-1"])
def test_a_strange_header_changes_nothing(page, people, asked):
    response = page.get("/sample/?position=инженер", headers={"X-Rows": asked})
    assert response.status_code == 200 and len(re.findall("data-gone", text(response))) <= 1


def test_a_row_of_another_page_is_not_gone_and_one_outside_the_scope_does_not_come_back(page, people, point):
    other = SalesPoint.objects.create(
        code="3902", name="Другая", partner=point.partner, legal_entity=point.legal_entity, region=point.region, zone=point.zone
    )  # fmt: skip
    foreign = employee(other, 801)
    foreign.save()
    behind = ids(page.get("/sample/?all=1&page=2&size=25"))
    asked = ",".join(map(str, [foreign.pk, *behind]))
    assert b"data-gone" not in page.get("/sample/?all=1&size=25", headers={"X-Rows": asked}).content


def test_a_value_that_is_not_offered_is_said_without_its_code(operator, signed_in):
    text = signed_in(operator).get("/clients/?resp=all&state=nope").content.decode()
    assert "Ответственный: такого значения в списке нет, выберите из предложенных." in text
    assert "Категория: такого значения в списке нет" in text
    assert "nope нет" not in text and "all нет" not in text


def test_a_nul_is_no_part_of_what_one_looks_for(operator, signed_in):
    assert signed_in(operator).get("/clients/?q=%00&kind=legal").status_code == 200
