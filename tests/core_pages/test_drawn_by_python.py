"""What Python draws in place of templates is what the templates draw."""

import re

import pytest
from django import forms
from django.template import Context, loader

from core import filters
from core.forms import Checks, Select, field_group
from core.html import conditional_escape, format_html

CHOICES = [("", "Все"), ("a<", "А & Б"), ("Офис «1»", [("p1", "Точка"), ("e1", 'Имя "И"')]), ("b", "Б")]


class Sample(forms.Form):
    plain = forms.CharField(label="Имя & <b>", required=False)
    must = forms.CharField(label="Надо", help_text="Подсказка")
    one = forms.ChoiceField(label="Один", choices=CHOICES, required=False, widget=Select(attrs={"data-ts": True}))
    many = forms.MultipleChoiceField(label="Много", choices=CHOICES[1:2] + CHOICES[3:], required=False, widget=Checks)
    yes = forms.BooleanField(label="Да", required=False)
    days = filters.PeriodField(["week", "period"], label="Дни", required=False)


def attributes(html: str) -> list:
    """Tags with their attributes in any order, and texts."""
    parts = re.findall(r"<(/?\w+)([^>]*)>|([^<>]+)", html)
    words = r'[\w-]+(?:="[^"]*")?'
    return [(tag, sorted(re.findall(words, rest)), text.strip()) for tag, rest, text in parts if tag or text.strip()]


@pytest.mark.parametrize("data", [{}, {"one": "p1", "many": ["a<", "b"], "plain": '"><'}, {"one": "zzz", "must": "x"}])
def test_fields(data):
    form = Sample(data) if data else Sample()
    template = loader.get_template("components/field.html").template
    for field in form:
        for on in (False, True):
            assert attributes(field_group(field, on)) == attributes(
                template.render(Context({"field": field, "on": on}))
            )


@pytest.mark.parametrize("value", ["", "a<", "p1", "zzz", None])
def test_a_select_and_checkboxes_mark_what_djangos_mark(value):
    for ours, theirs in ((Select, forms.Select), (Checks, forms.CheckboxSelectMultiple)):
        choices = CHOICES if ours is Select else [c for c in CHOICES if isinstance(c[1], str)]
        chosen = value if ours is Select else [value]
        drawn = (w(choices=choices).render("x", chosen, {"id": "id_x"}) for w in (ours, theirs))
        marks = [re.findall(r'value="([^"]*)"[^>]* (?:selected|checked)', html) for html in drawn]
        assert marks[0] == marks[1]


def test_texts_are_escaped():
    assert (
        format_html("<b>{}</b>{}", "<i>&'\"", format_html("<u>{}</u>", 5))
        == "<b>&lt;i&gt;&amp;&#x27;&quot;</b><u>5</u>"
    )
    assert conditional_escape(None) == "None" and conditional_escape(7) == "7"
