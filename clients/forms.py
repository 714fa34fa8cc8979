"""What is typed about clients."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from clients.choices import Check, DeclineReason, InvitationTopic, PersonRole
from clients.models import Client, ConnectionCheck
from clients.models.contacts import Source
from clients.rules import term_problem
from clients.selectors.dictionaries import topic_choices
from clients.services.transfer import CARRIED_BY_DEFAULT
from core.forms import DateField, Option, SearchSelect, VersionMixin
from partners.models import Employee, SalesPoint
from partners.rights import Right, Scope

MANAGERS_URL = "/clients/managers/"


def targets_of(employee: Employee, right: str):
    """Active employees a card may go to: those in the scope of the actor's right (R2.17)."""
    scope = employee.scope_of(right)
    people = Employee.objects.filter(access=Employee.Access.ALLOWED).select_related("salespoint")
    if scope == Scope.ALL:
        return people
    if scope == Scope.REGION:
        return people.filter(salespoint__in=employee.points_of_regions)
    return people.filter(salespoint=employee.salespoint_id) if scope else people.none()


class EmployeeField(forms.ModelChoiceField):
    """An employee: one's own point is offered at once, others by typing."""

    def __init__(self, employee: Employee, right: str, **kwargs: Any) -> None:
        widget = SearchSelect(
            url=f"{MANAGERS_URL}?right={right}" if employee.scope_of(right) in (Scope.ALL, Scope.REGION) else ""
        )
        super().__init__(
            targets_of(employee, right),
            widget=widget,
            error_messages={"invalid_choice": "Выберите сотрудника из списка."},
            **kwargs,
        )
        near = self.queryset.filter(salespoint=employee.salespoint_id)
        self.near = [
            ("", "Выберите сотрудника"),
            *((e.pk, f"{e.short_name}{' (вы)' if e.pk == employee.pk else ''}") for e in near),
        ]
        self.widget.choices = self.near

    def show(self, value: object) -> None:
        """Keep a chosen employee of another point among the options."""
        code = str(value or "")
        chosen = self.queryset.filter(pk=code).first() if code.isdecimal() and len(code) < 19 else None
        if chosen and chosen.pk not in dict(self.near):
            self.widget.choices = [*self.near, (chosen.pk, f"{chosen.short_name}, {chosen.salespoint}")]


class BindForm(forms.Form):
    """«Закрепить за…»; a single card also asks for the tick over a related organisation."""

    topic = forms.ChoiceField(label="Тема закрепления", choices=topic_choices, required=False)
    confirmed = forms.BooleanField(label="Согласовано: связанную организацию ведет другой сотрудник", required=False)
    reason = forms.CharField(label="Причина", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data=None, *, employee: Employee, many: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        may_others = employee.has_right(Right.CLIENT_BIND_OTHERS)
        self.fields["manager"] = EmployeeField(
            employee,
            Right.CLIENT_BIND_OTHERS if may_others else Right.CLIENT_CLAIM,
            label="Сотрудник",
            initial=employee.pk,
        )
        if not may_others:
            self.fields["manager"].widget.choices = [(employee.pk, f"{employee.short_name} (вы)")]
        self.fields["manager"].show((data or {}).get("manager"))
        if many:
            del self.fields["confirmed"], self.fields["reason"]
        self.order_fields(["manager", "topic"])


class TransferForm(forms.Form):
    """«Передать»: to a colleague, or to the pool of a sales point."""

    salespoint = forms.ModelChoiceField(
        SalesPoint.objects.active(),
        label="или точка продаж, без менеджера",
        required=False,
        widget=SearchSelect(),
        empty_label="Не выбрана",
    )
    topic = forms.ChoiceField(label="Тема закрепления", choices=topic_choices, required=False)
    carry = forms.MultipleChoiceField(
        label="Передать вместе с карточкой", required=False, widget=forms.CheckboxSelectMultiple, initial=sorted(CARRIED_BY_DEFAULT),
        choices=[("accounts", "аккаунты"), ("tasks", "открытые задачи"), ("tickets", "нерешенные обращения")],
    )  # fmt: skip
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Укажите причину."},
    )

    def __init__(self, data=None, *, employee: Employee, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["manager"] = EmployeeField(employee, Right.CLIENT_REBIND, label="Кому", required=False)
        self.fields["manager"].show((data or {}).get("manager"))
        if employee.scope_of(Right.CLIENT_REBIND) != Scope.ALL:
            self.fields["salespoint"].queryset = SalesPoint.objects.filter(pk=employee.salespoint_id)
        self.order_fields(["manager", "salespoint", "topic", "carry", "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and bool(data.get("manager")) == bool(data.get("salespoint")):
            self.add_error("manager", "Выберите сотрудника или точку продаж — что-то одно.")
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Укажите причину."},
    )


class ReleaseForm(ReasonForm):
    topic = forms.ChoiceField(label="Тема закрепления", choices=topic_choices, required=False)
    to_region = forms.BooleanField(
        label="Убрать и из точки продаж: карточку увидят все, кто обслуживает регион", required=False
    )

    def __init__(self, *args: Any, may_rebind: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_rebind:
            del self.fields["to_region"]


class CallTaskForm(forms.Form):
    due_on = DateField(label="Срок", error_messages={"required": "Укажите срок."})
    title = forms.CharField(label="Что сделать", max_length=200, required=False, initial="Позвонить")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_due_on(self) -> date:
        due_on = self.cleaned_data["due_on"]
        if problem := term_problem(due_on, on=self.today):
            raise forms.ValidationError(problem)
        return due_on


class DeclineForm(forms.Form):
    """«Отказался» (R2.3)."""

    reason = forms.ChoiceField(
        label="Причина",
        choices=[("", "Выберите причину"), *[c for c in DeclineReason.choices if c[0]]],
        error_messages={"required": "Выберите причину отказа."},
    )
    comment = forms.CharField(
        label="Что ответил клиент",
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Напишите, что ответил клиент."},
    )


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label="Телефон",
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "placeholder": "+7 (4012) 55-55-55"}),
        error_messages={"required": "Введите телефон."},
    )
    comment = forms.CharField(label="Чей телефон", max_length=120, required=False)
    source = forms.ChoiceField(label="Источник", choices=Source.choices, initial=Source.CLIENT)
    basis = forms.CharField(
        label="Основание",
        max_length=200,
        required=False,
        help_text="Например: сообщил по телефону, указан на сайте организации",
    )


class ContactForm(VersionMixin):
    """A contact person with the source and the basis of his data (R2.51)."""

    full_name = forms.CharField(label="ФИО", max_length=200, error_messages={"required": "Укажите ФИО."})
    role = forms.ChoiceField(label="Роль", choices=PersonRole.choices, initial=PersonRole.OTHER)
    phone = forms.CharField(
        label="Телефон", max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label="Email", max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    registers = forms.BooleanField(label="Будет проходить регистрацию", required=False)
    is_preferred = forms.BooleanField(label="Основной контакт", required=False)
    do_not_call = forms.BooleanField(label="Не звонить", required=False)
    note = forms.CharField(label="Заметка", max_length=300, required=False)
    source = forms.ChoiceField(label="Источник", choices=Source.choices, initial=Source.CLIENT)
    basis = forms.CharField(label="Основание", max_length=200, required=False)


class ContactChangeForm(ContactForm):
    """Of somebody who is known: his address may have turned out wrong (R3.26)."""

    email_is_wrong = forms.BooleanField(label="Email неверный", required=False)
    field_order = ("full_name", "role", "phone", "email", "email_is_wrong")


class NotRelatedForm(ReasonForm):
    """«Не связаны»."""


class ReadinessForm(VersionMixin, forms.ModelForm):
    """The checklist of R2.54–R2.57."""

    signature_until = DateField(label="Подпись действует до", required=False)

    class Meta:
        model = ConnectionCheck
        fields = [
            "workplace",
            "workplace_note",
            "signature",
            "signature_until",
            "crypto",
            "documents",
            "vat",
            "skipped",
        ]
        widgets = dict.fromkeys(("workplace", "signature", "crypto", "documents", "vat"), forms.RadioSelect)

    def __init__(self, *args: Any, topics: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("workplace", "signature", "crypto", "documents", "vat"):
            self.fields[name].choices = Check.choices
        for name, topic in (("documents", InvitationTopic.EDO), ("vat", InvitationTopic.VAT)):
            if topic not in topics:
                del self.fields[name]


class InviteForm(forms.Form):
    """An invitation by hand."""

    topic = forms.ChoiceField(label="Тема", choices=InvitationTopic.choices)
    sender_inn = forms.CharField(
        label="ИНН отправителя",
        max_length=30,  # pasted with spaces
        required=False,
        help_text="Чей контрагент: поставщик, который отправил документы",
    )
    address = forms.CharField(
        label="Email получателя",
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
        error_messages={"required": "Укажите email."},
    )

    def __init__(self, *args: Any, client: Client | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client


class MergeForm(forms.Form):
    """Which of two cards stays, and what to take from the other one where no register speaks."""

    main = forms.TypedChoiceField(
        label="Главная карточка: она останется", coerce=int, widget=forms.RadioSelect, error_messages={"required": "Выберите главную карточку."}
    )  # fmt: skip
    reason = forms.CharField(
        label="Почему это одна организация",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Укажите, почему это одна организация."},
    )

    def __init__(self, data=None, *, pair: list[Client], typed: dict[str, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.pair = pair
        self.fields["main"].choices = [
            (card.pk, Option(card.name, hint="есть в реестре" if card.ogrn else "заведена вручную")) for card in pair
        ]
        self.fields["main"].initial = pair[0].pk
        for name, title in typed.items():
            values = {card.pk: getattr(card, name) for card in pair}
            if len(set(values.values())) > 1 and all(values.values()):
                self.fields[f"take_{name}"] = forms.TypedChoiceField(
                    label=title, coerce=int, widget=forms.RadioSelect, choices=list(values.items()), initial=pair[0].pk
                )
        self.order_fields(["main", *(name for name in self.fields if name.startswith("take_")), "reason"])

    def taken(self) -> frozenset[str]:
        """Columns chosen from the card that does not stay."""
        main = self.cleaned_data["main"]
        names = (name for name in self.fields if name.startswith("take_"))
        return frozenset(name.removeprefix("take_") for name in names if self.cleaned_data[name] != main)
