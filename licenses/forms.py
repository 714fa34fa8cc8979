"""What is typed when selling; the services check the rest."""

from __future__ import annotations

from django import forms

from core.forms import DateField, MoneyField


class PaymentForm(forms.Form):
    """A payment by hand."""

    amount = MoneyField(label="Сумма, ₽")
    date = DateField(label="Дата платежа")
    number = forms.CharField(label="Номер платежного поручения", max_length=40, required=False)


class ShipForm(forms.Form):
    on = DateField(label="Дата отгрузки")
    debt_reason = forms.CharField(label="Отгрузить в долг: причина", max_length=300, required=False)

    def __init__(self, *args, may_debt: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not may_debt:
            del self.fields["debt_reason"]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Причина",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Укажите причину."},
    )


class IssueForm(forms.Form):
    promo_code = forms.CharField(label="Код акции", max_length=40, required=False)


class ChangeForm(forms.Form):
    """A change of tariff: target and quantity; `due` is the sum the person saw."""

    item = forms.TypedChoiceField(label="Новый тариф", coerce=int, error_messages={"required": "Выберите тариф."})
    quantity = forms.IntegerField(label="Количество", min_value=1, max_value=9999, required=False)
    due = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, items=(), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [(item.pk, str(item)) for item in items]


class CertificateForm(forms.Form):
    """A signature certificate (R2.154)."""

    owner = forms.CharField(label="Владелец", max_length=200, error_messages={"required": "Укажите владельца."})
    position = forms.CharField(label="Должность", max_length=120, required=False)
    serial = forms.CharField(
        label="Серийный номер", max_length=80, error_messages={"required": "Укажите серийный номер."}
    )
    issuer = forms.CharField(label="Кем выдан", max_length=200, required=False)
    valid_from = DateField(
        label="Действует с", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    valid_to = DateField(
        label="Действует по", error_messages={"required": "Укажите дату.", "invalid": "Введите дату в виде 31.12.2026."}
    )
    on_token = forms.BooleanField(label="На носителе", required=False)


class WorkplaceForm(forms.Form):
    """A workplace (R2.156)."""

    title = forms.CharField(label="Название", max_length=120, error_messages={"required": "Назовите рабочее место."})
    kpp = forms.CharField(label="КПП филиала", max_length=9, required=False)
    address = forms.CharField(label="Адрес", max_length=300, required=False)
    crypto = forms.CharField(label="СКЗИ", max_length=120, required=False)
