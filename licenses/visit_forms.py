"""What is typed when a visit is agreed, moved or called off; the services check the rest."""

from __future__ import annotations

from typing import Any

from django import forms

from core.formats import roubles
from core.forms import DateField
from licenses.choices import AppointmentKind
from licenses.models import Appointment, Invoice
from partners.models import Employee

MINUTES = [(30, "30 минут"), (60, "1 час"), (90, "1,5 часа"), (120, "2 часа"), (180, "3 часа"), (240, "4 часа"), (480, "8 часов")]  # fmt: skip


class VisitForm(forms.Form):
    kind = forms.ChoiceField(
        label="Вид", choices=AppointmentKind.choices, widget=forms.RadioSelect, initial=AppointmentKind.ENGINEER
    )
    visit_on = DateField(
        label="Дата", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    visit_at = forms.TimeField(
        label="Время", required=False, widget=forms.TimeInput(format="%H:%M", attrs={"placeholder": "14:30"}),
        error_messages={"invalid": "Время — в виде 14:30."}, help_text="для выезда обязательно",
    )  # fmt: skip
    minutes = forms.TypedChoiceField(label="Длительность", choices=MINUTES, coerce=int, initial=60)
    engineer = forms.ModelChoiceField(
        label="Инженер", queryset=Employee.objects.none(), required=False, empty_label="не нужен"
    )
    comment = forms.CharField(label="Комментарий", max_length=300, required=False)

    def __init__(self, *args, engineers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["engineer"].queryset = engineers


class InvoiceChoice(forms.ModelChoiceField):
    def label_from_instance(self, invoice: Invoice) -> str:
        paid = "оплачен" if invoice.paid >= invoice.total else "не оплачен"
        return f"№ {invoice.number}, {invoice.account.name}, {roubles(invoice.total)}, {paid}"


class VisitAddForm(VisitForm):
    """Booked from the calendar: by which invoice."""

    invoice = InvoiceChoice(
        label="Счет", queryset=Invoice.objects.none(), empty_label="выберите счет", error_messages={
            "required": "Выберите счет, по которому назначаете визит.", "invalid_choice": "По этому счету визит уже назначен или не нужен.",
        },
    )  # fmt: skip
    field_order = ["invoice"]

    def __init__(self, *args, invoices, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = invoices


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Укажите причину отмены."},
    )


def initial_of(visit: Appointment) -> dict[str, Any]:
    return {
        "kind": visit.kind, "visit_on": visit.on, "visit_at": visit.time, "minutes": visit.minutes, "engineer": visit.engineer_id, "comment": visit.comment,
    }  # fmt: skip


def slot_of(data: dict[str, Any]) -> dict[str, Any]:
    """Typed data as `visit_plan` takes it."""
    engineer = data["engineer"].pk if data["engineer"] else None
    return {name: data[name] for name in ("kind", "visit_on", "visit_at", "minutes", "comment")} | {
        "engineer_id": engineer
    }
