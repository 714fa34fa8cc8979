"""What is typed about the work with a client."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.choices import CallResult
from clients.models import Client, ClientPerson
from clients.selectors.dictionaries import topic_choices
from core.forms import DateField, SearchSelect
from partners.models import Employee


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Заметка",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Напишите заметку."},
    )
    is_pinned = forms.BooleanField(label="Закрепить вверху истории", required=False)


class CallForm(forms.Form):
    """The result and, in the same form, when to call next (R2.21)."""

    result = forms.ChoiceField(
        label="Результат",
        choices=CallResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите результат звонка."},
    )
    person = forms.ModelChoiceField(
        ClientPerson.objects.none(), label="С кем говорили", required=False, empty_label="Не указано"
    )
    comment = forms.CharField(
        label="Комментарий", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_on = DateField(label="Следующий контакт", required=False)
    topic = forms.ChoiceField(label="Тема", choices=topic_choices, required=False)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = ClientPerson.objects.filter(
            client=client, person__erased_at=None
        ).select_related("person")
        self.fields["person"].label_from_instance = lambda link: (
            f"{link.person.full_name}, {link.get_role_display().lower()}"
        )


class NextContactForm(forms.Form):
    next_on = DateField(label="Следующий контакт", required=False, help_text="Пусто — снять дату")
    topic = forms.ChoiceField(label="Тема", choices=topic_choices, required=False)
    comment = forms.CharField(label="О чем", max_length=200, required=False)


class TaskForm(forms.Form):
    title = forms.CharField(label="Что сделать", max_length=200, error_messages={"required": "Напишите, что сделать."})
    due_on = DateField(label="Срок", error_messages={"required": "Укажите срок."})
    assignee = forms.ModelChoiceField(
        Employee.objects.none(), label="Исполнитель", required=False, empty_label="Я", widget=SearchSelect()
    )

    def __init__(self, *args: Any, employee: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = Employee.objects.filter(
            salespoint=employee.salespoint_id, access=Employee.Access.ALLOWED
        ).exclude(pk=employee.pk)
        self.fields["assignee"].label_from_instance = lambda person: person.short_name
