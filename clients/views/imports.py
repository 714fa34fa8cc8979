"""«Загрузки реестров»: what was loaded, how far a load is, what was refused and why. For the operator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from clients.models import ImportBatch, ImportFile, ImportReject
from clients.models_import import RegistrySource
from clients.selectors.registry import registry_silence
from clients.services import registry
from core import filters, formats, tables
from core.errors import DomainError
from core.lists import HeadAction, ListPage, Segment, Tab
from core.pages import FormPage, Page
from partners.rights import Right

TONES = {"running": "info", "done": "ok", "failed": "bad", "cancelled": ""}
FILE_TONES = {"reading": "info", "merging": "info", "done": "ok", "failed": "bad"}
TABS = (
    Tab("Загрузки", "/clients/imports/"),
    Tab("Файлы", "/clients/imports/files/"),
    Tab("Отклоненные записи", "/clients/imports/rejects/"),
)
PARENTS = (("Все клиенты", "/clients/"),)
SHOWN = 50


def what(batch: ImportBatch) -> str:
    """The last parts of the given paths: «2026-11-22, VO_RUGFO….xml»."""
    return ", ".join(path.rstrip("/").rpartition("/")[2] for path in batch.paths)[:200]


class BatchTable(tables.Table):
    number = tables.Link("Загрузка", value=str, sub=what)
    state = tables.Badge("Состояние", tones=TONES)
    read = tables.Number("Записей", order_by="read")
    new = tables.Number("Новых", order_by="new")
    changed = tables.Number("Измененных", order_by="changed")
    ceased = tables.Number("Прекративших", order_by="ceased")
    unchanged = tables.Number("Без изменений", hidden=True)
    rejected = tables.Number("Отклоненных", order_by="rejected")
    files = tables.Number("Файлов", low=1)
    failed_files = tables.Number("Не прочитано", order_by="failed_files")
    started_at = tables.Moment("Начата", order_by="started_at")
    finished_at = tables.Moment("Закончена", hidden=True)
    by = tables.Person("Кто запустил", empty="по расписанию", low=1)


class ImportList(ListPage):
    template_name = "clients/imports.html"
    title, section, right = "Загрузки реестров", "imports", Right.REGISTRY_IMPORT
    noun = ("загрузка", "загрузки", "загрузок")
    table_class, order, tabs, parents = BatchTable, "-started_at", TABS, PARENTS
    head_actions = (
        HeadAction("Загрузить реестр", "/clients/imports/start/", Right.REGISTRY_IMPORT, icon="file-import"),
    )
    segments = (
        Segment("", "Все"),
        Segment("failed", "Не все прочитано", Q(failed_files__gt=0), tone="bad"),
        Segment("refused", "С отклоненными", Q(rejected__gt=0)),
    )
    empty_text = "Реестры еще не загружали. Положите файлы в папку реестров и нажмите «Загрузить реестр»."

    def extra(self) -> dict[str, Any]:
        return {"alarms": registry_silence(on=self.today)}

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.select_related("by")

    def row_url(self, row: ImportBatch) -> str:
        return row.get_absolute_url()


class FileTable(tables.Table):
    name = tables.Link("Файл", order_by="name", sub=lambda f: f.archive)
    source = tables.Column("Реестр", value=lambda f: f.get_source_display())
    format_version = tables.Column("Формат", low=2)
    state = tables.Badge("Состояние", tones=FILE_TONES)
    reason = tables.Column("Почему не прочитан")
    read = tables.Number("Записей", order_by="read", low=1)
    new = tables.Number("Новых", order_by="new", low=1)
    changed = tables.Number("Измененных", order_by="changed", hidden=True)
    ceased = tables.Number("Прекративших", order_by="ceased", hidden=True)
    rejected = tables.Number("Отклоненных", order_by="rejected")
    finished_at = tables.Moment("Закончен", order_by="finished_at")


class FileFilter(filters.FilterSet):
    state = filters.Checks("Состояние", choices=ImportFile.State.choices)
    source = filters.Checks("Реестр", choices=RegistrySource.choices)


class FileList(ListPage):
    title, section, right = "Файлы реестров", "import-files", Right.REGISTRY_IMPORT
    noun = ("файл", "файла", "файлов")
    table_class, filterset_class, order, tabs, parents = FileTable, FileFilter, "-finished_at", TABS, PARENTS
    empty_text = "Файлов реестров еще не было."

    def get_queryset(self) -> QuerySet[ImportFile]:
        return ImportFile.objects.filter(is_archive=False)

    def row_url(self, row: ImportFile) -> str:
        return f"/clients/imports/{row.batch_id}/"


class RejectTable(tables.Table):
    reason = tables.Column("Причина", order_by="reason")
    name = tables.Column("Название")
    ogrn = tables.Column("ОГРН", css="num")
    inn = tables.Column("ИНН", css="num")
    file = tables.Column("Файл", value=lambda r: r.file.name)
    seq = tables.Number("Запись №")


class RejectFilter(filters.FilterSet):
    source = filters.Checks("Реестр", choices=RegistrySource.choices, field_name="file__source")


class RejectList(ListPage):
    title, section, right = "Отклоненные записи", "import-rejects", Right.REGISTRY_IMPORT
    noun = ("запись", "записи", "записей")
    table_class, filterset_class, order, tabs, parents = RejectTable, RejectFilter, "reason", TABS, PARENTS
    empty_text = "Отклоненных записей нет."

    def get_queryset(self) -> QuerySet[ImportReject]:
        return ImportReject.objects.select_related("file")

    def row_url(self, row: ImportReject) -> str:
        return f"/clients/imports/{row.file.batch_id}/"


class ImportCard(Page):
    """One load. While it runs htmx asks for the part that changes every two seconds."""

    right, template_name = Right.REGISTRY_IMPORT, "clients/import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = get_object_or_404(ImportBatch.objects.select_related("by"), pk=kwargs["pk"])
        self.title = str(batch)
        polled = request.htmx and request.htmx.target == "import"
        failed = batch.manifest.filter(state=ImportFile.State.FAILED).order_by("name")
        rejects = ImportReject.objects.filter(file__batch=batch).select_related("file")
        return self.render(
            template="clients/import_progress.html" if polled else None,
            batch=batch,
            what=what(batch),
            tone=TONES[batch.state],
            facts=facts_of(batch),
            failed=failed[:SHOWN],
            rejects=rejects[:SHOWN],
            shown=SHOWN,
            tabs=TABS,
        )


def facts_of(batch: ImportBatch) -> list[tuple[str, str]]:
    """Lines of the report; zeros of what must be looked at stay."""
    return [
        ("Прочитано записей", formats.group(batch.read)),
        ("Новых", formats.group(batch.new)),
        ("Измененных", formats.group(batch.changed)),
        ("Прекративших деятельность", formats.group(batch.ceased)),
        ("Без изменений", formats.group(batch.unchanged)),
        ("Отклоненных", formats.group(batch.rejected)),
        ("Файлов", formats.group(batch.files)),
        ("Не прочитано", formats.group(batch.failed_files)),
        ("Загружены раньше", formats.group(batch.repeated_files)),
    ]


class ImportStart(FormPage):
    """Choose what of the folder to load; the work goes on in the background."""

    title, right = "Загрузить реестр", Right.REGISTRY_IMPORT
    submit, success_text, success_url = "Загрузить", "Загрузка поставлена в очередь", "/clients/imports/"
    stay, creates = False, True
    lead = (
        "Файлы лежат в папке реестров на сервере: XML или ZIP, с вложенными папками. Загруженные раньше пропускаются."
    )

    def get_form(self, data=None, files=None) -> forms.Form:
        return ImportForm(data)

    def perform(self, form: forms.Form) -> dict[str, int]:
        run = registry.registry_import_start(by=self.request.user, **form.cleaned_data)
        return {"run": run.pk}

    def get_success_url(self) -> str:
        result = getattr(self, "result", None)
        return f"/jobs/{result['run']}/" if isinstance(result, dict) else self.success_url


class ImportForm(forms.Form):
    name = forms.ChoiceField(
        label="Что загрузить", error_messages={"invalid_choice": "Выберите из списка: этого файла в папке нет."}
    )
    source = forms.ChoiceField(label="Реестр", required=False, help_text="Файлы других реестров не будут приняты.")

    def __init__(self, data=None) -> None:
        super().__init__(data)
        self.fields["name"].choices = choices_of()
        self.fields["source"].choices = [("", "Определить по файлам"), *RegistrySource.choices]


def choices_of() -> list[tuple[str, str]]:
    """What the folder has; a folder that does not open says why instead."""
    try:
        return registry.registry_choices() or [("", "Папка реестров не настроена")]
    except DomainError as error:
        return [("", error.message)]
