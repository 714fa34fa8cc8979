"""Bulk actions of lists: ticked rows, or everything the filter gives (R2.16).

    class SetOutcomeMany(BulkAction):
        slug, title, icon, right = "outcome", "Указать итог", "flag", Right.OUTCOME_SET
        form_class = OutcomeForm                      # None: only a confirmation
        question = "Указать итог для выбранных аккаунтов?"

        def perform(self, row, *, by, data):          # one row; DomainError refuses this row alone
            services.outcome_set(account_id=row.pk, by=by, on=clock.today(), **data)

One bad row never aborts the batch: each is done in its own transaction and reported. At most 100 rows at once,
more as a background job; the job finds the same rows again by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import DatabaseError, transaction
from django.http import HttpResponse, QueryDict

from core import db, htmx
from core.errors import DomainError
from core.exports import Column, write_xlsx
from core.idempotency import once
from core.rights import require
from core.text import counted, plural

if TYPE_CHECKING:
    from core.lists import ListPage

INLINE_ROWS = 100
MOST_ROWS = 5_000
SHOWN_PROBLEMS = 20
"""More refused rows than that are given as a file."""
GONE = "больше не в вашей точке продаж и регионах"


@dataclass(frozen=True)
class RowReport:
    """What came of one row; `problem` is empty when it was done."""

    pk: int
    name: str
    problem: str = ""


class BulkAction:
    """One action of the bulk bar. `result` says what was done: «Закреплено: 12»."""

    slug: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str] = "check"
    right: ClassVar[str] = ""
    form_class: ClassVar[type[forms.Form]] = forms.Form
    fields_template: ClassVar[str] = ""
    """How the form's fields stand in the dialog; "" one below the other."""
    question: ClassVar[str] = ""
    submit: ClassVar[str] = ""
    danger: ClassVar[bool] = False
    result: ClassVar[str] = "Выполнено"
    do_not_call_in_templates = True  # templates name the class itself

    def __init__(self, page: ListPage) -> None:
        self.page = page

    def get_form(self, data: QueryDict | None = None) -> forms.Form:
        return self.form_class(data)

    def name_of(self, row: Any) -> str:
        return str(row)

    def perform(self, row: Any, *, by, data: dict[str, Any]) -> None:
        """Call the service for one row; raise DomainError with the reason why this row cannot."""
        raise NotImplementedError

    def run(self, rows: Iterable[Any], *, by, data: dict[str, Any]) -> list[RowReport]:
        """All rows, each in its own transaction. A service for many rows at once overrides this."""
        return [self._one(row, by=by, data=data) for row in rows]

    def _one(self, row: Any, *, by, data: dict[str, Any]) -> RowReport:
        try:
            with transaction.atomic():
                self.perform(row, by=by, data=data)
        except DomainError as error:
            return RowReport(row.pk, self.name_of(row), htmx.sentence(error))
        except DatabaseError as error:
            if (refusal := db.refusal(error)) is None:
                raise
            return RowReport(row.pk, self.name_of(row), refusal.message)
        return RowReport(row.pk, self.name_of(row))


def handle(page: ListPage, slug: str) -> HttpResponse:
    """POST of the bulk bar: first the form with its question, then (`confirmed`) the work and its report."""
    action_class = next((a for a in page.actions if a.slug == slug), None)
    if action_class is None:
        raise DomainError("Такого действия нет. Обновите страницу.", code="unknown_action")
    if action_class.right:
        require(page.request.user, action_class.right)
    action, post = action_class(page), page.request.POST
    ids, every = chosen(page)
    if not ids:
        raise DomainError("Отметьте строки, с которыми нужно выполнить действие.", code="nothing_chosen")
    confirmed = post.get("confirmed") == "1"
    form = action.get_form(post if confirmed else None)
    if not confirmed:
        return _ask(page, action, form, ids, every)
    if every and post.get("expected") != str(len(ids)):
        return _ask(
            page,
            action,
            form,
            ids,
            every,
            status=409,
            warning="Список изменился, пока вы выбирали. Проверьте число строк.",
        )
    if not form.is_valid():
        return _ask(page, action, form, ids, every, status=422)
    return _work(page, action, form, sorted(ids))


def chosen(page: ListPage) -> tuple[list[int], bool]:
    """Ids of the chosen rows that the viewer sees in this filter, and whether it is «все по фильтру»."""
    found = page.filtered()
    if found.error:
        raise DomainError(found.error)
    every = page.request.POST.get("every") == "1"
    queryset = found.queryset
    if not every:
        wanted = {int(v) for v in page.request.POST.getlist("pk") if v.isascii() and v.isdigit() and len(v) < 19}
        # Rows that have left the filter meanwhile still count; rows outside the scope never do.
        queryset = page.get_queryset().filter(pk__in=wanted).order_by("pk")
    ids = list(dict.fromkeys(queryset.values_list("pk", flat=True)[: MOST_ROWS + 1]))
    if len(ids) > MOST_ROWS:
        most = counted(MOST_ROWS, "строки", "строк", "строк")
        raise DomainError(f"За один раз — не больше {most}. Уточните фильтр.", code="too_many")
    return ids, every


def _ask(
    page: ListPage,
    action: BulkAction,
    form: forms.Form,
    ids: list[int],
    every: bool,
    *,
    status: int = 200,
    warning: str = "",
) -> HttpResponse:
    noun = plural(len(ids), *page.noun)
    return page.render(
        status=status, template="lists/bulk.html", action=action, form=form, ids=[] if every else ids, every=every,
        number=len(ids), noun=noun, warning=warning, list_url=_list_url(page),
    )  # fmt: skip


def _work(page: ListPage, action: BulkAction, form: forms.Form, ids: list[int]) -> HttpResponse:
    user = page.request.user
    if len(ids) > INLINE_ROWS:
        from core.jobs.services import start_user_job

        params = {"section": page.section, "action": action.slug, "ids": ids, "form": _form_only(page.request.POST)}
        start_user_job("core.bulk", params, user, title=f"{action.title}: {len(ids)} {plural(len(ids), *page.noun)}")
        return htmx.done(page.request, "Начато в фоне: ход виден в шапке страницы", url=_list_url(page))
    rows = page.get_queryset().filter(pk__in=ids).order_by("pk")
    # A second click gets the report of the first one, not a second round.
    done = once(
        page.request, lambda: [[r.pk, r.name, r.problem] for r in action.run(rows, by=user, data=form.cleaned_data)]
    )
    reports = [RowReport(*line) for line in done or []]
    refused = [report for report in reports if report.problem]
    text = f"{action.result}: {len(reports) - len(refused)}" + (f", отказано: {len(refused)}" if refused else "")
    if not refused:
        return htmx.done(page.request, text, url=_list_url(page))
    response = page.render(
        template="lists/bulk_report.html", action=action, text=text, refused=refused, list_url=_list_url(page)
    )
    return htmx.trigger(response, "page-reload") if page.request.htmx else response


def _form_only(post: QueryDict) -> str:
    query = post.copy()
    for name in ("csrfmiddlewaretoken", "form_token", "pk", "do", "confirmed", "every", "expected", "query"):
        query.pop(name, None)
    return query.urlencode()


def _list_url(page: ListPage) -> str:
    query = page.params.urlencode()
    return f"{page.request.path}?{query}" if query else page.request.path


def run_in_background(run) -> None:
    """Body of the job `core.bulk`: the same action in chunks; what was done stays done after a crash."""
    from importlib import import_module

    from django.conf import settings

    from core.lists import registry
    from core.lists.excel import page_for

    import_module(settings.ROOT_URLCONF)
    params = run.params
    page = page_for(registry[params["section"]], "", run.owner)
    action = next(a for a in page.actions if a.slug == params["action"])(page)
    page.check_right(run.owner)
    if action.right:
        require(run.owner, action.right)
    form = action.get_form(QueryDict(params["form"]))
    if not form.is_valid():
        raise DomainError("Данные формы больше не подходят. Повторите действие.")
    refused: list[tuple[str, str]] = []
    for chunk in run.chunks(params["ids"], size=INLINE_ROWS, total=len(params["ids"])):
        with chunk:
            rows = page.get_queryset().filter(pk__in=list(chunk)).order_by("pk")
            reports = action.run(rows, by=run.owner, data=form.cleaned_data)
            problems = [(r.name, r.problem) for r in reports if r.problem]
            done = len(reports) - len(problems)
            # Rows that left the person's sight meanwhile are told of too: the report adds up to what was chosen.
            problems += [(f"№ {pk}", GONE) for pk in set(chunk) - {r.pk for r in reports}]
            refused += problems
            run.count(done=done, refused=len(problems))
    run.message = f"{action.result}. " + " ".join(f"{name}: {problem}" for name, problem in refused[:SHOWN_PROBLEMS])
    if len(refused) > SHOWN_PROBLEMS:
        columns = (
            Column("Строка", "text", lambda row: row[0]),
            Column("Почему не выполнено", "text", lambda row: row[1]),
        )
        write_xlsx(
            run.result_path(f"{action.title}: отчет.xlsx"), columns, refused, params=[("Действие", action.title)]
        )
