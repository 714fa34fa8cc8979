"""The matrix of all URLs and all roles (spec T1; A1, A4): a URL without a row is a red build."""

import pytest
from django.template.backends.django import Template
from django.test import TestCase

from accounts.querysets import AccountQuerySet
from clients.querysets import ClientQuerySet
from core import clock
from core.pages import EMPLOYEE
from licenses.querysets import InvoiceQuerySet
from partners.querysets import EmployeeQuerySet, SalesPointQuerySet
from partners.views.applications import ApplicationList
from tests.architecture.test_urls import public, routes
from tests.authz import walking
from tests.authz.matrix import ROWS
from tests.authz.world import MAKERS, ROLES, build
from tests.selling import ON

# Who is asked besides everybody's GET: POST to the other sales point those who could have the right, htmx a choice of all.
ASKED = {
    ("POST", "there"): ("stranger", "manager", "head", "operator"),
    ("htmx", "here"): ("anonymous", "blocked", "stranger", "manager", "operator"),
    ("htmx", "there"): ("stranger", "manager"),
}
# Everybody is asked. Drawn is the page of the last one who is let in, of these as well, and there each refusal once.
DRAWN = {("GET", "here"): {"engineer", "manager"}}


def test_every_url_has_a_row():
    missing, gone = set(routes()) - set(ROWS), set(ROWS) - set(routes())
    assert not missing, "Add a row to tests/authz/matrix.py for:\n  " + "\n  ".join(sorted(missing))
    assert not gone, "URLs that are no more, take out their rows:\n  " + "\n  ".join(sorted(gone))


def test_rows_are_whole():
    for route, (maker, own, other) in ROWS.items():
        assert not maker or maker in MAKERS, f"{route}: world.MAKERS has no «{maker}»"
        assert bool(maker) == bool(other) == ("<" in route), (
            f"{route}: a URL with parameters has a maker and two columns"
        )
        for letters in (own, other) if other else (own,):
            assert {len(part) for part in letters.split("|")} == {len(ROLES)}, (
                f"{route}: one letter for each of {ROLES}"
            )


class _World(TestCase):
    """Built once for a class; what a request writes is taken back."""

    @classmethod
    def setUpTestData(cls) -> None:
        with clock.override(on=ON):
            cls.world = build()

    def compare(self, route: str, maker: str, place: str, letters: str) -> list[str]:
        path, is_public = walking.path_of(route, self.world.params(maker, place)), route in public()
        get, _, post = letters.partition("|")
        wrong, compared = [], 0
        for asking, of_roles in (("GET", get), ("htmx", get), ("POST", post or get)):
            asked = [pair for pair in zip(ROLES, of_roles, strict=True) if pair[0] in ASKED.get((asking, place), ROLES)]
            last = {wanted: role for role, wanted in asked if wanted not in "FN" or (asking, place) in DRAWN}
            drawn = {*last.values(), *DRAWN.get((asking, place), ())}
            for role, wanted in asked:
                answer = walking.ask(self.world, role, asking, path, drawn=role in drawn)
                if answer.status_code == 405:
                    continue
                compared += 1
                if (got := walking.letter(answer, public=is_public)) != wanted:
                    wrong.append(f"{asking} {path} as {role}: {got} ({answer.status_code}), the matrix says {wanted}")
        return wrong or ([] if compared else [f"{path} answers 405 to everything"])


@pytest.mark.rows("RX.4", "R1.13")
class Matrix(_World):
    """One test for every URL, made below."""

    def check(self, route: str) -> None:
        maker, own, other = ROWS[route]
        with clock.override(on=ON):
            wrong = self.compare(route, maker, "here", own)
            if other:
                wrong += self.compare(route, maker, "there", other) + self.compare_missing(route, maker, other)
        assert not wrong, "\n" + "\n".join(wrong)

    def compare_missing(self, route: str, maker: str, other: str) -> list[str]:
        """What is outside the scope answers as if it did not exist, to the letter."""
        outside = other.partition("|")[0]
        role = next((role for role, wanted in zip(ROLES, outside, strict=True) if wanted == "N"), None)
        if role is None:
            return []
        told = []
        for place in ("there", "missing"):
            path = walking.path_of(route, self.world.params(maker, place))
            answer = walking.ask(self.world, role, "GET", path)
            told.append((answer.status_code, walking.bare(answer, path)))
        return [] if told[0] == told[1] else [f"{route} as {role}: a foreign object can be told from a missing one"]


def _test_of(route: str):
    def test(self) -> None:
        self.check(route)

    return test


for number, name in enumerate(ROWS):
    setattr(Matrix, f"test_{number:03}_{''.join(c if c.isalnum() else '_' for c in name)}", _test_of(name))


class Controls(_World):
    """With one scope filter out, the same walk goes red: otherwise it would prove nothing."""

    def walk(self, route: str, place: str = "there") -> str:
        with clock.override(on=ON):
            return walking.row_of(self.world, route, ROWS[route][0], place, "GET", public=False)

    def goes_red(self, route: str, queryset: type) -> None:
        expected = ROWS[route][2].partition("|")[0]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queryset, "visible_to", lambda self, employee: self)
            assert self.walk(route) != expected
        assert self.walk(route) == expected

    def test_without_the_scope_of_employees(self) -> None:
        self.goes_red("employees/<int:pk>/", EmployeeQuerySet)

    def test_without_the_scope_of_sales_points(self) -> None:
        self.goes_red("partners/<int:pk>/", SalesPointQuerySet)

    def test_without_the_scope_of_clients(self) -> None:
        self.goes_red("clients/<int:pk>/bind/", ClientQuerySet)

    def test_without_the_scope_of_accounts(self) -> None:
        self.goes_red("accounts/<int:number>/", AccountQuerySet)

    def test_without_the_scope_of_invoices(self) -> None:
        self.goes_red("invoices/<int:pk>/", InvoiceQuerySet)

    def test_without_the_right_of_a_page(self) -> None:
        """The same for a right: a page that asks for none lets everybody in, and its row says so."""
        route = "partners/applications/"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ApplicationList, "right", EMPLOYEE)
            assert self.walk(route, "here") != ROWS[route][1]
        assert self.walk(route, "here") == ROWS[route][1]

    def test_without_a_page_that_can_be_drawn(self) -> None:
        """Most answers are decided and not drawn; of those that are drawn, each kind of answer shows a broken page."""
        route, draw = "clients/", Template.render

        def broken(self, context=None, request=None):
            return draw(self, context, request) if self.template.name == "500.html" else 1 / 0

        with pytest.MonkeyPatch.context() as patch, clock.override(on=ON):
            patch.setattr(Template, "render", broken)
            told = self.compare(route, "", "here", ROWS[route][1])
        assert {"engineer", "manager", "operator"} <= {line.split(" as ")[1].split(":")[0] for line in told}
        assert all(": ! (500)" in line for line in told)

    def test_a_url_without_a_row_is_named(self) -> None:
        without = {route: row for route, row in ROWS.items() if route != "employees/<int:pk>/block/"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(globals(), "ROWS", without)
            with pytest.raises(AssertionError, match="employees/<int:pk>/block/"):
                test_every_url_has_a_row()
