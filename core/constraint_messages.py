"""From a broken database constraint to one Russian sentence (architecture, 5: a message, not a 500).

The sentence of a named constraint stands where the constraint is declared (`violation_error_message`), or is
registered here for constraints made by SQL. Column constraints get a sentence built from the field's name.
"""

from __future__ import annotations

import re
from functools import cache

from django.apps import apps
from django.db import IntegrityError, models

from .errors import Conflict, DomainError

NOT_NULL, FOREIGN_KEY, UNIQUE, CHECK, EXCLUSION = "23502", "23503", "23505", "23514", "23P01"
_KEY = re.compile(r"\(([\w\", ]+)\)=\(")  # «Key (inn, kpp)=(…) already exists.» in any language of the server
_LATIN = re.compile(r"\b(?!email\b)[a-z_]+", re.IGNORECASE)
_registered: dict[str, str] = {}


def register(messages: dict[str, str]) -> None:
    """Add {constraint or trigger name: sentence}; apps do it in `<app>/constraint_messages.py`, found at start."""
    for name, sentence in messages.items():
        if _registered.setdefault(name, sentence) != sentence:
            raise ValueError(f"Two sentences for the constraint {name}.")


@cache
def _declared() -> dict[str, str]:
    default = models.CheckConstraint.default_violation_error_message
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != default
    }


@cache
def _declared_columns() -> dict[str, tuple[str, ...]]:
    """Columns of the constraints that models declare by name: the error of a CHECK does not tell them."""
    found = {}
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            names = getattr(constraint, "fields", ()) or sorted(
                constraint.condition.referenced_base_fields if isinstance(constraint, models.CheckConstraint) else ()
            )
            found[constraint.name] = tuple(model._meta.get_field(name).column for name in names)
    return found


@cache
def _columns() -> dict[tuple[str, str], models.Field]:
    return {
        (model._meta.db_table, field.column): field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
    }


def sentence_of(name: str, *, table: str = "", columns: tuple[str, ...] = (), kind: str = "") -> str | None:
    """The sentence for a constraint; `kind` is the sqlstate it raises. None: nobody wrote one."""
    named = _registered.get(name) or _declared().get(name)
    if named:
        return named
    return _by_fields(columns or _declared_columns().get(name, ()), table, kind)


def _by_fields(columns: tuple[str, ...], table: str, kind: str) -> str | None:
    """A sentence from the names that people read; fields without a Russian name are not spoken of."""
    fields = [_columns().get((table, column)) for column in columns]
    if not fields or None in fields:
        return None
    names = [str(field.verbose_name) for field in fields]
    readable = not any(_LATIN.search(name) for name in names)
    title = f" «{'», «'.join(names)}»" if readable else ""
    return {
        NOT_NULL: f"Заполните{title or ' все обязательные поля'}.",
        FOREIGN_KEY: f"Запись связана с другими{title and ' через' + title}: сначала измените их, затем повторите.",
        UNIQUE: f"Такое значение{title} уже есть. Укажите другое."
        if title
        else "Такая запись уже есть. Обновите страницу.",
        CHECK: f"Недопустимое значение{title}. Исправьте его и повторите.",
    }.get(kind)


def translate_integrity_error(error: IntegrityError) -> DomainError | None:
    """The refusal for a broken constraint, or None when no sentence is known: then it is a defect and stays one."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is None:
        return None
    state = error.__cause__.sqlstate or ""
    name, table = diag.constraint_name or "", diag.table_name or ""
    columns = _columns_of(diag)
    sentence = sentence_of(name, table=table, columns=columns, kind=state)
    if sentence is None:
        return None
    field = _columns().get((table, columns[0])) if len(columns) == 1 else None
    refusal = Conflict if state in (UNIQUE, EXCLUSION) else DomainError
    return refusal(sentence, field=field.name if field else None, code=name or "constraint")


def _columns_of(diag) -> tuple[str, ...]:
    """Columns of a constraint that declares no sentence, from the error itself.

    No query here: after the error the transaction answers none.
    """
    if diag.column_name:
        return (diag.column_name,)
    key = _KEY.search(diag.message_detail or "")
    if key:
        return tuple(column.strip(' "') for column in key[1].split(","))
    name = diag.constraint_name or ""
    return _declared_columns().get(name) or (name.removeprefix(f"{diag.table_name}_").removesuffix("_check"),)


register(
    {
        "job_attempts": "Задача уже выполнялась три раза. Запустите ее заново.",
        "job_state": "Недопустимое состояние задачи. Обновите страницу.",
        "job_once_per_date": "Задача за эту дату уже есть.",
        "preference_once": "Настройка уже сохранена. Обновите страницу.",
        "selection_title": "Отбор с таким названием уже есть. Назовите его иначе.",
        "selection_owner": "У отбора нет владельца. Сохраните его заново.",
        "counter_positive": "Счетчик не может быть отрицательным. Обратитесь к администратору.",
        "clock_one_row": "Смещение часов демонстрации хранится одной строкой. Измените существующую.",
        "core_journalentry_append_only": "Записи журнала не меняются и не удаляются.",
        "core_viewentry_append_only": "Записи о просмотрах не меняются и не удаляются.",
        "core_exportrecord_append_only": "Записи о выгрузках не меняются и не удаляются.",
        "idempotency_user_token": "Эта форма уже отправлена. Обновите страницу.",
    }
)
