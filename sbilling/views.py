"""Pages of the shell: home, the numbers of the tree, jobs in the header, theme, hot keys."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from core import navigation, preferences
from core.jobs.selectors import open_of
from core.pages import EMPLOYEE, PUBLIC, FormPage, Page, SimplePage
from renewals.services.reminders import DIGEST
from sbilling import help
from sbilling import navigation as tree
from sbilling.context import THEMES


class Home(SimplePage):
    """`/`: what waits for the viewer, then his sections."""

    title, right, template_name = "Главная", EMPLOYEE, "home.html"

    def get_context(self, **extra) -> dict:
        waiting = [node for node in navigation.count(self.request, tree.TREE + tree.FOOT) if node.number]
        return super().get_context(waiting=waiting, sections=navigation.tree(self.request, tree.TREE), **extra)


class Counters(Page):
    """Numbers of the tree and badges, sent after the page as out-of-band pieces."""

    right = EMPLOYEE

    def get(self, request: HttpRequest) -> HttpResponse:
        nodes = navigation.count(request, tree.TREE + tree.FOOT)
        return render(
            request, "components/numbers.html", {"nodes": nodes, "badges": tree.badges(request.user), "oob": True}
        )


class Jobs(Page):
    """Jobs in progress, for the header; without `hx-trigger` once none is left."""

    right = EMPLOYEE

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "components/jobs.html", {"jobs": open_of(request.user)})


class Theme(Page):
    """Light or dark, kept in a cookie, so that the server writes it into the page without a flash."""

    right = PUBLIC

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.headers.get("Referer", "/")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
            back = "/"
        response = HttpResponseRedirect(back)
        if (theme := request.POST.get("theme", "")) in THEMES:
            response.set_cookie("theme", theme, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.HTTPS)
        return response


class Help(SimplePage):
    """`/help/`: the procedures in short, as far as the viewer has them."""

    title, right, template_name = "Справка", EMPLOYEE, "pages/help.html"

    def get_context(self, **extra) -> dict:
        return super().get_context(chapters=help.chapters_for(self.request.user), **extra)


class Requirements(SimplePage):
    """`/help/requirements/`: what a workplace needs (R1.1–R1.9); readable before one has a password."""

    title, right, template_name = "Технические требования", PUBLIC, "pages/requirements.html"

    def get_context(self, **extra) -> dict:
        return super().get_context(host=self.request.get_host(), **extra)


class HotKeys(SimplePage):
    """`?`: the keys, as a dialog or a page."""

    title, right, template_name = "Горячие клавиши", EMPLOYEE, "pages/keys.html"

    def get_context(self, **extra) -> dict:
        jumps = [entry for entry in tree.TREE if entry.go and navigation.sees(self.request.user, entry)]
        return super().get_context(jumps=jumps, tickets=navigation.is_served("/tickets/"), **extra)


class LookForm(forms.Form):
    """Density of rows and hot keys."""

    density = forms.ChoiceField(
        label="Высота строк",
        choices=[("", "Обычная"), ("compact", "Плотная"), ("large", "Крупная")],
        widget=forms.RadioSelect,
        required=False,
    )
    keys = forms.BooleanField(label="Горячие клавиши включены", required=False)
    digest = forms.BooleanField(
        label="Присылать каждое утро сводку о продлениях на почту", required=False,
        help_text="Кому пора звонить, у кого лицензия заканчивается на неделе, кто не продлен. Если ждать нечего, письма нет.",
    )  # fmt: skip


class Look(FormPage):
    """«Настройки вида»: one's own screen."""

    title, right, form_class = "Настройки вида", EMPLOYEE, LookForm
    success_text, success_url, stay = "Настройки сохранены", "/", False

    def get_initial(self) -> dict:
        kept = preferences.of(self.request)
        return {
            "density": kept.get(("", "density"), ""),
            "keys": kept.get(("", "keys")) is not False,
            "digest": kept.get(DIGEST) is True,
        }

    def perform(self, form: forms.Form) -> None:
        by, data = self.request.user, form.cleaned_data
        preferences.preference_set(by=by, section="", key="density", value=data["density"] or None)
        preferences.preference_set(by=by, section="", key="keys", value=None if data["keys"] else False)
        preferences.preference_set(by=by, section=DIGEST[0], key=DIGEST[1], value=data["digest"] or None)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the number of the error, nothing that could fail once more."""
    return render(None, "500.html", {"request_id": getattr(request, "id", "")}, status=500)
