"""«Письма клиентам»: which letter goes out on which day of the window, and its text (issue 6)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse

from core.pages import FormPage, SimplePage
from core.text import counted
from partners.rights import Right
from renewals import letters
from renewals.models import LetterTemplate
from renewals.services import letter_set, letters_now

SAMPLE = {
    "client": "Ромашка, ООО", "account": "1000001", "licences": "ЭО «Базовый»", "until": "31.12.2026", "days": "30\u00a0дней",
    "manager": "Травина Анна", "phone": "",
}  # fmt: skip
"""What the list of letters is filled in with."""
PATH = "/accounts/renewals/letters/"


def when(days: int) -> str:
    """«за 30 дней до окончания», «через 3 дня после окончания»."""
    if days == 0:
        return "в последний день"
    words = counted(abs(days), "день", "дня", "дней")
    return f"за {words} до окончания" if days > 0 else f"через {words} после окончания"


class LetterForm(forms.Form):
    days_left = forms.IntegerField(
        label="Дней до окончания", min_value=-90, max_value=60, help_text="Меньше нуля — после окончания лицензии",
        error_messages={"required": "Укажите, за сколько дней отправлять письмо."},
    )  # fmt: skip
    subject = forms.CharField(label="Тема", max_length=150, error_messages={"required": "Напишите тему."})
    body = forms.CharField(
        label="Текст", max_length=4000, widget=forms.Textarea(attrs={"rows": 10}), error_messages={"required": "Напишите текст."},
        help_text="Подставятся: " + ", ".join(f"{{{name}}} — {words}" for name, words in letters.NAMES.items()),
    )  # fmt: skip
    is_active = forms.BooleanField(label="Отправлять", required=False, initial=True)


class Letters(SimplePage):
    title, right, template_name = "Письма клиентам о продлении", Right.DICTIONARY_CHANGE, "renewals/letters.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = [(letter, when(letter.days_left), letters.fill(letter.subject, SAMPLE)) for letter in letters_now()]
        return self.render(letters=rows)


class LetterEdit(FormPage):
    """One day's letter; «add» for another day."""

    title, right, form_class = "Письмо клиенту", Right.DICTIONARY_CHANGE, LetterForm
    success_text, success_url, stay = "Письмо сохранено", PATH, False

    def get_initial(self) -> dict[str, Any]:
        day = self.kwargs["day"]
        if day == "add":
            return {}
        if not re.fullmatch(r"-?[0-9]{1,2}", day):
            raise Http404
        found = next((letter for letter in letters_now() if letter.days_left == int(day)), None)
        if found is None:
            raise Http404
        return {
            "days_left": found.days_left,
            "subject": found.subject,
            "body": found.body,
            "is_active": found.is_active,
        }

    def perform(self, form: forms.Form) -> LetterTemplate:
        return letter_set(**form.cleaned_data, by=self.request.user)
