"""Forms: one URL as a page and as a dialog, errors beside fields, nothing typed is lost."""

import json
import re
import uuid
from decimal import Decimal

import pytest
from django import forms
from django.test import Client

from core.forms import DateField, MoneyField, Option, SearchSelect

pytestmark = pytest.mark.django_db
DIALOG = {"HX-Request": "true", "HX-Target": "dlg-body"}


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def url(page, people):
    return f"/sample/{people[0].pk}/edit/"


def fields(**changed) -> dict:
    return {"position": "бухгалтер", "amount": "1 234,50", "why": "a", "version": "1", **changed}


def test_a_page_and_a_dialog_of_one_url(page, url):
    whole, dialog = text(page.get(url)), text(page.get(url, headers=DIALOG))
    assert "<!doctype html>" in whole and 'class="cd"' in whole
    assert "<!doctype" not in dialog and 'class="modal-header"' in dialog and f'hx-post="{url}"' in dialog
    for html in (whole, dialog):
        assert 'name="form_token"' in html and 'name="version" value="1"' in html
        assert re.search(r'<label for="id_position">Должность', html) and "Как в учетной системе" in html
        assert 'aria-describedby="id_position_helptext"' in html and "решение руководителя" in html


def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(page, url):
    response = page.post(url, fields(amount="много", position=""))
    html = text(response)
    assert response.status_code == 422 and 'value="много"' in html
    assert 'aria-invalid="true"' in html and "Сумма не распознана" in html and 'id="id_amount_error"' in html
    assert re.search(r'name="amount"[^>]*aria-describedby="id_amount_error"', html)


def test_a_refusal_of_the_service_stands_at_the_field_it_names(page, url):
    response = page.post(url, fields(position="занято"))
    assert response.status_code == 422 and "Выберите другую." in text(response) and 'value="занято"' in text(response)


def test_a_lost_race_keeps_the_text_and_offers_to_overwrite(page, url, people):
    response = page.post(url, fields(version="7"))
    html = text(response)
    assert response.status_code == 409 and "Запись изменила Каверкина" in html
    assert 'name="overwrite"' in html and "бухгалтер" in html and html.count("Запись изменила") == 1
    assert page.post(url, fields(version="7", overwrite="1")).status_code == 302
    people[0].refresh_from_db()
    assert people[0].position == "бухгалтер"


def test_success_without_javascript_is_a_redirect_with_a_message(page, url, people):
    response = page.post(url, fields(), follow=True)
    assert response.redirect_chain == [(f"/sample/{people[0].pk}/", 302)] and "Должность изменена" in text(response)


def test_success_in_a_dialog_closes_it(page, url):
    response = page.post(url, fields(), headers=DIALOG)
    assert response.status_code == 204
    events = json.loads(response["HX-Trigger"])
    assert set(events) == {"dialog-close", "page-reload", "toast"} and events["toast"]["text"] == "Должность изменена"


def test_the_second_submit_does_nothing_twice(page, url, people):
    token = str(uuid.uuid4())
    for _click in range(2):
        assert page.post(url, fields(form_token=token)).status_code == 302
    people[0].refresh_from_db()
    assert people[0].version == 2


def test_a_form_without_its_csrf_token_is_refused(url, viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    response = client.post(url, fields())
    assert response.status_code == 403 and "Форма устарела" in text(response)


class Everything(forms.Form):
    """Each kind of widget once."""

    money = MoneyField(label="Сумма", required=False)
    day = DateField(label="День", required=False)
    text = forms.CharField(widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(choices=[("a", "А"), ("Группа", [("b", "<Б>")])], required=False)
    search = forms.ChoiceField(choices=[("a", "А")], widget=SearchSelect(url="/x/"), required=False)
    many = forms.MultipleChoiceField(
        choices=[("a", Option("А", number=12345)), ("b", "Б")], widget=forms.CheckboxSelectMultiple, required=False
    )
    radio = forms.ChoiceField(choices=[("a", Option("А", hint="<i>"))], widget=forms.RadioSelect, required=False)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(required=False)


def test_widgets_keep_values_and_escape_them():
    bad = '"><script>'
    data = {"money": bad, "day": bad, "text": "</textarea><script>", "kind": "b", "many": ["b"], "hidden": bad}
    html = str(Everything(data))
    assert "<script>" not in html and "<i>" not in html and "<Б>" not in html
    assert '<option value="b" selected>&lt;Б&gt;</option>' in html and '<optgroup label="Группа">' in html
    assert re.search(r'type="checkbox" name="many" value="b"[^>]*checked', html) and "12\u00a0345" in html
    assert 'data-ts-url="/x/"' in html and 'type="file"' in html
    assert re.search(r'<fieldset class="fld"[^>]*><legend>', html), "groups of boxes are fieldsets"


@pytest.mark.parametrize(
    "typed, cleaned",
    [("1 234,5", "1234.50"), ("1234.5", "1234.50"), ("-5", "-5.00"), ("", None), ("1,234", False), ("NaN", False)],
)
def test_money_as_people_type_it(typed, cleaned):
    form = Everything({"money": typed})
    assert form.is_valid() is (cleaned is not False)
    if cleaned:
        assert form.cleaned_data["money"] == Decimal(cleaned)


@pytest.mark.parametrize(
    "typed, valid", [("31.12.2026", True), ("1.1.26", True), ("2026-12-31", True), ("31.02.2026", False), ("x", False)]
)
def test_dates_as_people_type_them(typed, valid):
    assert Everything({"day": typed}).is_valid() is valid
