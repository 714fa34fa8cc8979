"""Bank statements: upload of several files, what would come in, the import, and a report for every document (russia.md 3.7)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core import htmx, tables
from core.errors import DomainError
from core.idempotency import once
from core.jobs.services import start_user_job
from core.lists import HeadAction, ListPage, Segment
from core.pages import FormPage, Page, SimplePage
from core.text import counted
from licenses.choices import MatchState
from licenses.models import StatementUpload
from licenses.services import uploads
from partners.rights import Right

from .payments import TABS

TONES = {"waiting": "info", "imported": "ok", "refused": "bad"}
OUTCOMES = {
    "matched": ("Оплатит счет", "ok"),
    "suggested": ("Есть предложение", "info"),
    "unmatched": ("Счет не найден", "warn"),
    "duplicate": ("Уже загружен", ""),
    "skipped": ("Пропущен", ""),
}
DONE = OUTCOMES | {"matched": ("Оплатил счет", "ok")}
SHOWN = 200
MOST_FILES = 20
JOB = "licenses.import_statements"
PARENTS = (("Платежи", "/payments/"),)


class UploadTable(tables.Table):
    name = tables.Link("Файл", order_by="name", sub=lambda u: u.reason)
    at = tables.Moment("Принята", order_by="at", keyset=True)
    state = tables.Badge("Состояние", tones=TONES)
    documents = tables.Number("Документов", value=lambda u: u.counts.get("documents"))
    new = tables.Number("Новых платежей", value=lambda u: u.counts.get("new"))
    matched = tables.Number("Разнесено", value=lambda u: u.counts.get("matched"))
    duplicates = tables.Number("Уже были", value=lambda u: u.counts.get("duplicates"), low=1)
    skipped = tables.Number("Пропущено", value=lambda u: u.counts.get("skipped"), low=1)
    by = tables.Person("Кто загрузил", empty="из папки банка")


class Statements(ListPage):
    title, section, right, tabs, parents = "Выписки", "statements", Right.PAYMENT_REGISTER, TABS, PARENTS
    noun = ("файл", "файла", "файлов")
    table_class, order = UploadTable, "-at"
    segments = (
        Segment("", "Все"),
        Segment("waiting", "Ждут загрузки", Q(state="waiting"), tone="warn"),
        Segment("refused", "Не прочитаны", Q(state="refused"), tone="bad"),
    )
    head_actions = (HeadAction("Загрузить выписку", "/payments/statements/add/", icon="file-import", dialog=False),)
    empty_text = "Выписок еще не было. Выгрузите выписку из банка в формате 1С и загрузите ее здесь."
    empty_action = ("/payments/statements/add/", "Загрузить выписку")

    def get_queryset(self) -> QuerySet[StatementUpload]:
        return uploads.visible_uploads(self.request.user).select_related("by").defer("content", "rows")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        return forms.FileInput.get_context(self, name, None, attrs)


class FilesField(forms.FileField):
    """Several files; an empty one counts too: it gets its own sentence in the report."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            raise forms.ValidationError("Выберите файл выписки.")
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"За один раз — не больше {MOST_FILES} файлов.")
        return list(files)


class FilesForm(forms.Form):
    files = FilesField(
        label="Файлы выписок", help_text="Можно выбрать несколько. Формат 1С (1CClientBankExchange), обычно kl_to_1c.txt."
    )  # fmt: skip


class StatementAdd(FormPage):
    """Upload: nothing comes in yet, the next page says what would."""

    title, right, submit, form_class = "Загрузить выписку", Right.PAYMENT_REGISTER, "Показать платежи", FilesForm
    lead = "Сначала вы увидите, какие платежи придут и какие счета они оплатят. Повторная загрузка ничего не удвоит."
    stay, creates = False, True
    success_text, success_url = "Файлы прочитаны", "/payments/statements/waiting/"

    def perform(self, form: FilesForm) -> list[int]:
        rows = [self._one(file) for file in form.cleaned_data["files"]]
        refused = [f"{row.name}: {row.reason}" for row in rows if row.state == StatementUpload.State.REFUSED]
        if len(refused) == len(rows):
            raise DomainError(" ".join(refused[:5]), field="files", code="refused")
        self.refused = refused
        return [row.pk for row in rows]

    def _one(self, file) -> StatementUpload:
        most = uploads.MOST_BYTES + 1
        return uploads.statement_upload(data=file.read(most), name=file.name, by=self.request.user)

    def success(self, result: Any) -> HttpResponse:
        for text in getattr(self, "refused", [])[:5]:
            messages.error(self.request, text)
        return super().success(result)

    def get_cancel_url(self) -> str:
        return "/payments/"


class StatementsWaiting(SimplePage):
    """What would come in from the files that wait; one button imports all of them."""

    title, right, template_name = (
        "Проверьте перед загрузкой",
        Right.PAYMENT_REGISTER,
        "licenses/statements_waiting.html",
    )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        rows = list(waiting_of(self.request))
        seen: set[tuple] = set()
        for row in rows:
            _tell_repeats(row, seen)
            row.shown = report_rows(row, OUTCOMES)
            row.more = len(row.rows) - len(row.shown)
        payments = sum(row.counts.get("new", 0) for row in rows)
        return super().get_context(rows=rows, payments=payments, parents=PARENTS, tabs=TABS, **extra)


class StatementsImport(Page):
    """POST: take in the files that were shown."""

    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = {int(v) for v in request.POST.getlist("upload") if v.isascii() and v.isdigit() and len(v) < 19}
        rows = list(waiting_of(request).filter(pk__in=wanted).order_by("pk").defer("content", "rows"))
        documents = sum(row.counts.get("documents", 0) for row in rows)
        if documents > uploads.INLINE_DOCUMENTS:
            title = f"Загрузка выписок: {counted(documents, 'документ', 'документа', 'документов')}"
            start_user_job(JOB, {"ids": [row.pk for row in rows]}, request.user, title=title)
            return htmx.done(
                request, "Начато в фоне: ход виден в шапке страницы", url="/payments/statements/", stay=False
            )
        done = once(request, lambda: self._import([row.pk for row in rows])) or {}
        if not done.get("files"):
            raise DomainError("Загружать нечего: эти файлы уже загружены. Откройте список выписок.", code="nothing")
        text = f"Загружено: {counted(done['new'], 'платеж', 'платежа', 'платежей')}, разнесено {done['matched']}"
        url = f"/payments/statements/{done['files'][0]}/" if len(done["files"]) == 1 else "/payments/statements/"
        return htmx.done(request, text, url=url, stay=False)

    def _import(self, ids: list[int]) -> dict[str, Any]:
        done = [uploads.statement_upload_import(upload_id=pk, by=self.request.user, on=self.today) for pk in ids]
        return {
            "files": [row.pk for row in done],
            "new": sum(row.counts.get("new", 0) for row in done),
            "matched": sum(row.counts.get("matched", 0) for row in done),
        }


class StatementDrop(Page):
    right = Right.PAYMENT_REGISTER

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(uploads.visible_uploads(request.user).only("pk"), pk=pk)
        uploads.statement_upload_drop(upload_id=pk, by=request.user)
        return htmx.done(request, "Файл не будет загружен", url="/payments/statements/waiting/")


class StatementReport(SimplePage):
    """What came of every document of one file."""

    right, template_name = Right.PAYMENT_REGISTER, "licenses/statement.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = uploads.visible_uploads(request.user).select_related("by").defer("content")
        self.upload = get_object_or_404(rows, pk=pk)
        return self.render()

    def get_title(self) -> str:
        return self.upload.name

    def get_context(self, **extra: Any) -> dict[str, Any]:
        upload = self.upload
        waits = upload.state == StatementUpload.State.WAITING
        shown = report_rows(upload, OUTCOMES if waits else DONE)
        return super().get_context(
            upload=upload, tone=TONES[upload.state], shown=shown, more=len(upload.rows) - len(shown), waits=waits, done=not waits,
            counts=upload.counts, parents=(*PARENTS, ("Выписки", "/payments/statements/")), **extra,
        )  # fmt: skip


def _tell_repeats(upload: StatementUpload, seen: set[tuple]) -> None:
    """Payments that an earlier waiting file brings too are counted and shown once."""
    mine = set()
    for row in upload.rows:
        key = tuple(row[name] for name in ("number", "date", "amount", "payer", "inn", "purpose"))
        if row["outcome"] in MatchState.values:
            if key in seen:
                upload.counts[row["outcome"]] -= 1
                upload.counts["new"] -= 1
                upload.counts["duplicates"] += 1
                row |= {"outcome": "duplicate", "reason": "Есть в файле выше", "invoices": []}
            mine.add(key)
    seen |= mine


def waiting_of(request: HttpRequest) -> QuerySet[StatementUpload]:
    """The viewer's own files that wait."""
    rows = StatementUpload.objects.filter(by=request.user, state=StatementUpload.State.WAITING)
    return rows.defer("content").order_by("pk")


def report_rows(upload: StatementUpload, words: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """What needs a look first: incoming payments, then what was loaded before, then what was skipped."""
    order = list(words)
    rows = sorted(upload.rows, key=lambda row: order.index(row["outcome"]))[:SHOWN]
    return [
        {**row, "words": words[row["outcome"]][0], "tone": words[row["outcome"]][1], "sum": _sum(row)} for row in rows
    ]


def _sum(row: dict[str, Any]) -> Decimal | None:
    return Decimal(row["amount"]) if row["amount"] else None
