"""«Варианты итога»: the operator's dictionary of outcomes (R3.34), and what an outcome of his own asks for."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from core.errors import DomainError
from core.models import JournalEntry
from renewals.choices import EFFECTS, OutcomeKind
from renewals.models import Outcome, OutcomeOption, RenewalRow
from renewals.outcome_rules import Case, Meaning, Said, condition_refusal, evidence_refusal, offered
from renewals.services import Evidence, outcome_set, outcome_withdraw
from tests.renewals.conftest import TODAY, account_of, sold

pytestmark = pytest.mark.django_db
WHY = "Передали учет внешней бухгалтерии"
ADMIN = "/admin/renewals/outcomeoption/"


def own(title: str = "Закрылись на сезон", effect: str = "negative", **more) -> OutcomeOption:
    more.setdefault("needs_comment", effect == "negative")
    return OutcomeOption.objects.create(code=f"own_{OutcomeOption.objects.count()}", title=title, effect=effect, **more)


def form_of(option: OutcomeOption, **more) -> dict[str, str]:
    fields = ("title", "hint", "order", "effect", "used_for", "condition")
    ticks = ("is_active", "needs_comment", "needs_competitor", "needs_reason", "needs_account")
    posted = {name: str(getattr(option, name)) for name in fields}
    return {k: v for k, v in (posted | {t: "on" for t in ticks if getattr(option, t)} | more).items() if v is not None}


@pytest.fixture
def term(manager, today, eo):
    return sold(account_of(manager), eo, TODAY + timedelta(days=20))


def set_(term, kind, by, **more):
    return outcome_set(term_id=term.pk, kind=kind, by=by, on=TODAY, **more)


def row(term) -> RenewalRow:
    return RenewalRow.objects.get(term=term)


@pytest.mark.rows("R3.34")
def test_the_built_in_lines_stand_there_with_their_fixed_meaning():
    lines = {option.code: option for option in OutcomeOption.objects.all()}
    assert {code: option.effect for code, option in lines.items()} == EFFECTS
    assert {code: option.title for code, option in lines.items()} == dict(OutcomeKind.choices)
    for code, change in (("left_us", {"effect": "stays"}), ("not_existing", {"condition": "always"}), ("nulled", {})):
        if code in lines:
            with pytest.raises(IntegrityError), transaction.atomic():
                OutcomeOption.objects.filter(code=code).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeOption.objects.filter(code="left_us")._raw_delete("default")
    OutcomeOption.objects.filter(code="left_us").update(title="Ушли к другому оператору", order=1, is_active=False)


@pytest.mark.rows("R3.34")
@pytest.mark.parametrize(
    ("effect", "category"), [("negative", "terminated"), ("positive", "settled"), ("stays", "requires")]
)
def test_an_own_outcome_does_what_its_class_says(term, manager, effect, category):
    set_(term, own(effect=effect).code, manager, comment=WHY)
    assert row(term).category == category
    outcome_withdraw(outcome_id=Outcome.objects.get().pk, by=manager, on=TODAY)
    assert (row(term).category, row(term).outcome) == ("requires", "")


@pytest.mark.rows("R3.34")
def test_the_history_keeps_the_name_of_the_day(term, manager, signed_in):
    option = own()
    set_(term, option.code, manager, comment=WHY)
    OutcomeOption.objects.filter(pk=option.pk).update(title="Сезонный перерыв", effect="negative")
    account = term.account
    page = signed_in(manager)
    assert "Закрылись на сезон" in page.get(f"/accounts/{account.number}/renewal/").content.decode()
    assert "Закрылись на сезон" in page.get(f"/accounts/{account.number}/notes/").content.decode()
    listed = page.get("/accounts/renewals/?resp=me&state=terminated").content.decode()
    assert "Сезонный перерыв" in listed, "the list tells today's name, which its filter has"
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeOption.objects.filter(pk=option.pk).update(effect="stays")
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.update(title="Другое", withdrawn_at=term.created_at)


@pytest.mark.rows("R3.34")
def test_evidence_is_what_the_line_asks_for():
    asks = Meaning(
        "own", "Ушли", "negative", needs_comment=True, needs_competitor=True, needs_reason=True, needs_account=True
    )
    said = {"comment": WHY, "competitor": "Оператор", "reason": "Цена", "account": 1_000_001}
    assert evidence_refusal(asks, Said(**said)) is None
    for name, field in (
        ("comment", "comment"),
        ("competitor", "competitor"),
        ("reason", "reason"),
        ("account", "target_number"),
    ):
        left = {k: v for k, v in said.items() if k != name}
        assert evidence_refusal(asks, Said(**left)).field == field
    plain = Meaning("own", "Думают", "stays")
    assert evidence_refusal(plain, Said()) is None
    assert evidence_refusal(Meaning("own", "Думают", "stays", needs_comment=True), Said("да")).field == "comment"
    assert evidence_refusal(Meaning("own", "Думают", "stays", needs_reason=True), Said()).field == "reason"
    assert evidence_refusal(Meaning("m", "Сменили", "moved", needs_account=True), Said(account=1)).field == "move"


@pytest.mark.rows("R3.34")
def test_conditions_are_facts_of_the_term_and_the_day():
    end = TODAY + timedelta(days=1)

    def refused(condition, **facts):
        return (
            condition_refusal(Meaning("own", "Итог", "stays", condition=condition), Case(end, TODAY, **facts))
            is not None
        )

    assert not refused("always")
    assert refused("ended") and not refused("ended", may_early=True)
    assert condition_refusal(Meaning("own", "Итог", "stays", condition="ended"), Case(TODAY, end)) is None
    assert refused("ceased") and not refused("ceased", is_ceased=True) and not refused("ceased", has_extract=True)
    assert refused("invoice") and not refused("invoice", has_invoice=True)
    assert refused("account_only", account_only="Нет") and not refused("account_only")
    assert offered(Meaning("own", "Итог", "stays", is_active=False)).code == "off"
    assert offered(Meaning("own", "Итог", "stays", used_for="inactivity")).code == "inactivity"
    assert offered(Meaning("own", "Итог", "stays", used_for="both")) is None


@pytest.mark.rows("R3.34")
def test_what_is_switched_off_or_gone_is_refused_and_what_was_typed_stays(term, manager, signed_in):
    option, url = own(), f"/accounts/{term.account.number}/outcome/"
    page = signed_in(manager)
    assert option.title in page.get(url).content.decode()
    OutcomeOption.objects.filter(pk=option.pk).update(is_active=False)
    assert option.title not in page.get(url).content.decode()
    stale = page.post(url, {"term": term.pk, "kind": option.code, "comment": WHY})
    assert stale.status_code == 422 and "больше нет" in stale.content.decode() and WHY in stale.content.decode()
    for kind, words in ((option.code, "больше не предлагается"), ("own_gone", "больше нет"), ("", "больше нет")):
        with pytest.raises(DomainError, match=words):
            set_(term, kind, manager, comment=WHY)
    found = page.get("/accounts/renewals/?resp=me&state=requires").content.decode()
    assert option.title in found, "rows may have it: the filter still offers it"


@pytest.mark.rows("R3.34")
def test_the_operator_keeps_the_dictionary_in_the_admin(operator, manager, signed_in, term):
    page = signed_in(operator)
    added = page.post(f"{ADMIN}add/", {
        "title": "  Ушли в   облако ", "hint": "Сообщил клиент", "order": "25", "is_active": "on", "effect": "negative", "used_for": "renewal",
        "condition": "always", "needs_competitor": "on", "needs_reason": "on",
    })  # fmt: skip
    assert added.status_code == 302, added.content.decode()
    option = OutcomeOption.objects.get(title="Ушли в облако")
    assert option.needs_comment, "a refusal always says why"
    assert JournalEntry.objects.filter(code="reference.added", subject_id=option.pk, by=operator).exists()
    asked = signed_in(manager).get(f"/accounts/{term.account.number}/outcome/").content.decode()
    assert "Ушли в облако" in asked and re.search(rf'data-when="[^"]*{option.code}[^" ]*:ev-competitor', asked)
    with pytest.raises(DomainError, match="к какому конкуренту"):
        set_(term, option.code, manager, comment=WHY)
    set_(term, option.code, manager, comment=WHY, evidence=Evidence("Облако-Пример", "Цена"))
    page = signed_in(operator)
    change = f"{ADMIN}{option.pk}/change/"
    assert page.post(change, form_of(option, title="Ушли в облако-2", effect="stays")).status_code == 302
    option.refresh_from_db()
    assert (option.title, option.effect) == ("Ушли в облако-2", "negative"), (
        "said once: renamed, but it means what it meant"
    )
    assert page.post(f"{ADMIN}{option.pk}/delete/", {"post": "yes"}).status_code == 403
    unused = own("Не понадобился", "stays")
    assert page.post(f"{ADMIN}{unused.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not OutcomeOption.objects.filter(pk=unused.pk).exists()


@pytest.mark.rows("R3.34")
def test_built_in_lines_are_renamed_moved_and_switched_off_but_not_deleted(operator, signed_in, manager, term):
    page, left = signed_in(operator), OutcomeOption.objects.get(code="left_us")
    asked = form_of(left, title="Ушли к другому", order="5", effect="stays", needs_reason=None, is_active=None)
    assert page.post(f"{ADMIN}{left.pk}/change/", asked).status_code == 302
    left.refresh_from_db()
    assert (left.title, left.order, left.effect, left.needs_reason, left.is_active) == (
        "Ушли к другому",
        5,
        "negative",
        True,
        False,
    )
    assert page.post(f"{ADMIN}{left.pk}/delete/", {"post": "yes"}).status_code == 403
    invoiced = OutcomeOption.objects.get(code="invoice_issued")
    refused = page.post(f"{ADMIN}{invoiced.pk}/change/", form_of(invoiced, is_active=None))
    assert refused.status_code == 200 and "выключить его нельзя" in refused.content.decode()
    same = page.post(f"{ADMIN}add/", form_of(left, title="Нулевка", code=None, effect="stays"))
    assert same.status_code == 200 and OutcomeOption.objects.filter(title="Нулевка").count() == 1
    moved = page.post(f"{ADMIN}add/", form_of(left, title="Свой переход", effect="moved"))
    assert moved.status_code == 200 and not OutcomeOption.objects.filter(title="Свой переход").exists()
    assert signed_in(manager).get(ADMIN).status_code in (302, 403)


@pytest.mark.rows("R3.34", "R3.17")
def test_filter_numbers_bulk_winback_and_excel_use_the_dictionary(head, manager, signed_in, term, tmp_path):
    option, free = own(), own("Думают", "stays")
    page = signed_in(head)
    url = "/accounts/renewals/"
    done = page.post(
        f"{url}?resp=point&state=requires", {"do": "outcome", "pk": [term.pk], "confirmed": "1", "kind": free.code}
    )
    assert done.status_code == 302 and row(term).outcome == free.code
    numbers = page.get(f"{url}?resp=point&state=requires&numbers=1").content.decode()
    assert re.search(rf'id="n-outcome-{free.code}"[^>]*>1<', numbers)
    assert "Думают" in page.get(f"{url}?resp=point&state=requires&outcome={free.code}").content.decode()
    refused = page.post(f"{url}?resp=point", {"do": "outcome", "pk": [term.pk], "confirmed": "1", "kind": option.code})
    assert "не меньше 10" in refused.content.decode()
    set_(term, option.code, manager, comment=WHY)
    winback = page.get(f"/accounts/renewals/winback/?outcome={option.code}").content.decode()
    assert option.title in winback and WHY in winback and "Думают" not in winback
    response = page.get(f"{url}?resp=point&state=terminated&format=xlsx")
    (tmp_path / "o.xlsx").write_bytes(b"".join(response.streaming_content))
    cells = [str(c) for line in load_workbook(tmp_path / "o.xlsx").active.iter_rows(values_only=True) for c in line]
    assert option.title in cells
