"""Forms of «Мы и партнеры»."""

from __future__ import annotations

from django import forms

from core.forms import SearchSelect, VersionMixin
from core.identifiers import is_inn
from core.phones import normalize_phone
from core.text import clean
from partners.models import Department, Employee, LegalEntity, Partner, Region, Role, SalesPoint
from partners.zones import ZONES

ZONE_CHOICES = list(ZONES.items())
CHOOSE = "выберите"


class PointForm(VersionMixin):
    """The card of a sales point (R1.17)."""

    code = forms.RegexField(r"^[0-9]{4}$", label="Код", error_messages={"invalid": "Код — четыре цифры."})
    name = forms.CharField(label="Название", max_length=120)
    kind = forms.ChoiceField(label="Вид", choices=SalesPoint.Kind.choices, widget=forms.RadioSelect)
    partner = forms.ModelChoiceField(
        label="Партнер", queryset=Partner.objects.all(), widget=SearchSelect, empty_label=CHOOSE
    )
    legal_entity = forms.ModelChoiceField(
        label="Юридическое лицо",
        queryset=LegalEntity.objects.all(),
        widget=SearchSelect,
        empty_label=CHOOSE,
        help_text="Выставляет счета",
    )
    region = forms.ModelChoiceField(
        label="Регион", queryset=Region.objects.all(), widget=SearchSelect, empty_label=CHOOSE
    )
    regions = forms.ModelMultipleChoiceField(
        label="Обслуживает регионы",
        queryset=Region.objects.all(),
        widget=forms.SelectMultiple(attrs={"data-ts": True}),
        required=False,
        help_text="Свободные клиенты этих регионов видны точке продаж",
    )
    zone = forms.ChoiceField(label="Часовой пояс", choices=ZONE_CHOICES)
    calendar = forms.CharField(label="Рабочая неделя", max_length=40, help_text="Например: пн–пт 09:00–18:00")
    phone = forms.CharField(label="Телефон", max_length=40, required=False)
    email = forms.EmailField(label="Email", required=False)


class PointChangeForm(PointForm):
    head = forms.ModelChoiceField(
        label="Руководитель", queryset=Employee.objects.none(), widget=SearchSelect, required=False
    )

    def __init__(self, *args, point: SalesPoint, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].queryset = Employee.objects.unblocked().filter(salespoint=point)


class PartnerForm(forms.Form):
    name = forms.CharField(label="Название", max_length=200)
    kind = forms.ChoiceField(label="Вид", choices=Partner.Kind.choices, widget=forms.RadioSelect, initial="partner")
    parent = forms.ModelChoiceField(
        label="Входит в", queryset=Partner.objects.all(), widget=SearchSelect, required=False, empty_label="никуда"
    )


class DepartmentForm(forms.Form):
    name = forms.CharField(label="Название отдела", max_length=120)


class PointToForm(forms.Form):
    """To which sales point everything goes."""

    to = forms.ModelChoiceField(
        label="Передать точке продаж", queryset=SalesPoint.objects.none(), widget=SearchSelect, empty_label=CHOOSE
    )

    def __init__(self, *args, point: SalesPoint, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = SalesPoint.objects.active().exclude(pk=point.pk)


class RoleForm(forms.Form):
    """The name of a new role; its rights stand beside it."""

    title = forms.CharField(
        label="Название", max_length=80, error_messages={"required": "Введите название роли, например «Стажер»."}
    )

    def clean_title(self) -> str:
        title = clean(self.cleaned_data["title"])
        if Role.objects.filter(title__iexact=title).exists():
            raise forms.ValidationError("Роль с таким названием уже есть. Назовите ее иначе.")
        return title


class EmployeeForm(VersionMixin):
    position = forms.CharField(label="Должность", max_length=120, required=False)
    department = forms.ModelChoiceField(
        label="Отдел", queryset=Department.objects.none(), required=False, empty_label="без отдела"
    )
    phone = forms.CharField(label="Телефон", max_length=40, required=False)
    email = forms.EmailField(label="Email", required=False)
    zone = forms.ChoiceField(label="Часовой пояс", choices=[("", "как у точки продаж"), *ZONE_CHOICES], required=False)

    def __init__(self, *args, employee: Employee, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.filter(salespoint=employee.salespoint_id)


class ContactsForm(VersionMixin):
    """What an employee changes himself."""

    phone = forms.CharField(label="Телефон", max_length=40, required=False)
    email = forms.EmailField(label="Email", required=False)
    zone = forms.ChoiceField(label="Часовой пояс", choices=[("", "как у точки продаж"), *ZONE_CHOICES], required=False)


class MoveForm(VersionMixin):
    salespoint = forms.ModelChoiceField(
        label="Точка продаж", queryset=SalesPoint.objects.active(), widget=SearchSelect, empty_label=CHOOSE
    )


class BlockForm(VersionMixin):
    reason = forms.CharField(label="Причина", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    to = forms.ModelChoiceField(
        label="Передать дела сотруднику",
        queryset=Employee.objects.none(),
        widget=SearchSelect,
        required=False,
        empty_label="оставить за ним",
        help_text="Без передачи записи останутся с отметкой «ответственный заблокирован»",
    )

    def __init__(self, *args, employee: Employee, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        near = Employee.objects.unblocked().filter(salespoint=employee.salespoint_id).exclude(pk=employee.pk)
        self.fields["to"].queryset = near


class HandOverForm(BlockForm):
    reason = None

    def __init__(self, *args, employee: Employee, **kwargs) -> None:
        super().__init__(*args, employee=employee, **kwargs)
        self.fields["to"].required, self.fields["to"].empty_label = True, CHOOSE
        self.fields["to"].help_text = ""


class NewPasswordForm(forms.Form):
    new = forms.CharField(
        label="Новый пароль",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Не короче 12 знаков, не из одних цифр",
    )
    again = forms.CharField(
        label="Еще раз", max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", "Пароли не совпадают. Введите одинаковые.")
        return data


class PasswordForm(NewPasswordForm):
    old = forms.CharField(
        label="Текущий пароль",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "new", "again")


class ApplicationForm(forms.Form):
    """The public form. `site` is a honeypot: people do not see it, robots fill it in (R1.12)."""

    inn = forms.CharField(
        label="ИНН организации",
        max_length=30,  # pasted with spaces
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )
    name = forms.CharField(label="Название организации", max_length=200)
    region = forms.ModelChoiceField(label="Регион", queryset=Region.objects.all(), empty_label=CHOOSE)
    person = forms.CharField(
        label="Контактное лицо", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label="Телефон", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})
    )
    email = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    comment = forms.CharField(
        label="Комментарий", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    site = forms.CharField(
        label="Оставьте пустым",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    consent = forms.BooleanField(
        label="Согласен на обработку персональных данных",
        error_messages={"required": "Без согласия заявку принять нельзя. Прочитайте текст и отметьте согласие."},
    )
    consent_version = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def clean_inn(self) -> str:
        inn = "".join(clean(self.cleaned_data["inn"]).split())
        if not is_inn(inn):
            raise forms.ValidationError(
                "Такого ИНН не бывает. Проверьте цифры: 10 для организации, 12 для предпринимателя."
            )
        return inn

    def clean_phone(self) -> str:
        found = normalize_phone(self.cleaned_data["phone"])
        if found is None:
            raise forms.ValidationError("Укажите телефон с кодом города: +7 495 123-45-67.")
        return found[0]


class RejectForm(forms.Form):
    answer = forms.CharField(label="Ответ заявителю", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class AcceptForm(PointForm):
    """The sales point that an accepted application ends in."""

    kind = None
    partner = forms.ModelChoiceField(
        label="Партнер",
        queryset=Partner.objects.all(),
        widget=SearchSelect,
        required=False,
        empty_label="новый: по названию заявки",
    )
    answer = forms.CharField(
        label="Ответ заявителю", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ("partner", "code", "name")


class ErasureSearchForm(forms.Form):
    """Whose data is to go."""

    phone = forms.CharField(label="Телефон", max_length=40, required=False)
    email = forms.EmailField(label="Email", required=False)
    name = forms.CharField(label="ФИО", max_length=200, required=False)

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"]
        if not text:
            return ""
        found = normalize_phone(text)
        if found is None:
            raise forms.ValidationError("Укажите телефон с кодом города: +7 495 123-45-67.")
        return found[0]


class ErasureForm(forms.Form):
    number = forms.CharField(label="Номер обращения", max_length=60)
    reason = forms.CharField(label="Основание", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
