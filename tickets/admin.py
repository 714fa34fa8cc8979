"""Service contracts, calendars and kinds of problems are edited here; tickets have pages of their own."""

from __future__ import annotations

from typing import Any

from django import forms

from core import clock
from core.admin import Reference, reference, register
from tickets.deadlines import Calendar
from tickets.models import CalendarDay, ProblemKind, ServiceContract, ServiceMembership, WorkCalendar

WRONG = 'Не читается: {}. Пример недели: {{"0": [["09:00", "18:00"]]}}, 0 — понедельник; дня: [["09:00", "15:00"]].'
EMPTY = "В этом календаре нет рабочего времени на год вперед: срок обращения не наступит никогда."


def _checked(zone: str, week: Any, exceptions: dict | None = None) -> None:
    try:
        calendar = Calendar.from_texts(zone, week, exceptions)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise forms.ValidationError(WRONG.format(error)) from error
    if calendar.working_time(clock.now()).total_seconds() < 60:
        raise forms.ValidationError(EMPTY)


class CalendarForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "zone" in data and "week" in data:
            _checked(data["zone"], data["week"], {})
        return data


class DayForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("calendar") and data.get("day") and "intervals" in data:
            calendar: WorkCalendar = data["calendar"]
            _checked(calendar.zone, calendar.week, {data["day"]: data["intervals"]})
        return data


@register(WorkCalendar)
class WorkCalendarAdmin(Reference):
    form, list_display = CalendarForm, ("title", "zone")


@register(CalendarDay)
class CalendarDayAdmin(Reference):
    form, list_display, list_filter, may_delete = DayForm, ("day", "title", "calendar"), ("calendar",), True
    list_display_links = ("day",)
    titles = ("день календаря", "дни календарей")


reference(ServiceContract, "title", "term", "clock", "calendar", "priority", "is_default")
reference(
    ServiceMembership,
    "__str__",
    "contract",
    "client",
    raw_id_fields=("client", "account"),
    may_delete=True,
    titles=("контракт клиента", "контракты клиентов"),
)
reference(ProblemKind, "title", "parent", search_fields=("title",))
