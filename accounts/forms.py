"""What is typed on account pages; the services check the rest."""

from __future__ import annotations

from django import forms

from clients.choices import PersonRole
from clients.forms import EmployeeField
from partners.models import Employee
from partners.rights import Right


class ConnectForm(forms.Form):
    """The account's name and its contact person (R2.70, R2.71)."""

    name = forms.CharField(label="Название аккаунта", max_length=200, help_text="Можно заменить на название группы компаний.",
                           error_messages={"required": "Укажите название аккаунта."})  # fmt: skip
    full_name = forms.CharField(
        label="ФИО контактного лица", max_length=200, error_messages={"required": "Укажите ФИО."}
    )
    email = forms.EmailField(label="Email", max_length=254, error_messages={"required": "Укажите email.", "invalid": "Проверьте email: нужен адрес вида имя@домен."})  # fmt: skip
    phone = forms.CharField(
        label="Телефон",
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"required": "Укажите телефон."},
    )
    second = forms.BooleanField(label="Нужен еще один аккаунт этой организации", required=False)

    def __init__(self, *args, connected: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not connected:
            del self.fields["second"]


class MemberForm(forms.Form):
    """An organisation to add, by INN (R2.82)."""

    inn = forms.CharField(label="ИНН", max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                          error_messages={"required": "Введите ИНН организации."})  # fmt: skip
    kpp = forms.CharField(
        label="КПП", max_length=12, required=False, help_text="Для юридических лиц; у ИП и физических лиц КПП нет."
    )
    confirmed = forms.BooleanField(label="Организация нужна и здесь, хотя она уже в платном аккаунте", required=False)


class KppForm(forms.Form):
    kpp = forms.CharField(label="Новый КПП", max_length=12, required=False)


class MoveForm(forms.Form):
    number = forms.CharField(label="Номер аккаунта, в который переместить", max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                             error_messages={"required": "Введите номер аккаунта."})  # fmt: skip


class RemoveForm(forms.Form):
    reason = forms.CharField(label="Причина", max_length=300, required=False)


class RenameForm(forms.Form):
    name = forms.CharField(label="Название аккаунта", max_length=200, error_messages={"required": "Укажите название."})


class AccountContactForm(forms.Form):
    """A contact person of the account (R2.51)."""

    full_name = forms.CharField(label="ФИО", max_length=200, error_messages={"required": "Укажите ФИО."})
    role = forms.ChoiceField(label="Роль", choices=PersonRole.choices, initial=PersonRole.OTHER)
    phone = forms.CharField(
        label="Телефон", max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.EmailField(label="Email", max_length=254, required=False, error_messages={"invalid": "Проверьте email: нужен адрес вида имя@домен."})  # fmt: skip


class AssignForm(forms.Form):
    """Another responsible manager; the tick moves the account to the sales point of the chosen one."""

    transfer = forms.BooleanField(label="Передать аккаунт в точку продаж этого сотрудника", required=False)

    def __init__(self, data=None, files=None, *, employee: Employee, **kwargs) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["manager"] = EmployeeField(employee, Right.ACCOUNT_CHANGE, label="Ответственный")
        self.fields["manager"].show((data or {}).get("manager"))
        if not employee.has_right(Right.CLIENT_REBIND):
            del self.fields["transfer"]
        self.order_fields(["manager"])
