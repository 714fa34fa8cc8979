"""Pages: a view declares its right, or it does not import (architecture, 5).

class OutcomeSet(FormPage):                                    # one URL: a page, and a dialog for htmx
    title, right, form_class = "Итог продления", Right.OUTCOME_SET, OutcomeForm
    submit, success_text = "Сохранить итог", "Итог сохранен"

    def get_object(self):
        return get_object_or_404(Account.objects.visible_to(self.request.user), number=self.kwargs["number"])

    def perform(self, form):
        return services.outcome_set(account_id=self.object.pk, by=self.request.user, on=self.today, **form.cleaned_data)

    def get_success_url(self):
        return self.object.get_absolute_url()
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views import View

from core import clock, db, htmx
from core.errors import Conflict, DomainError, Forbidden
from core.rights import require

EMPLOYEE = "*"
"""The right of a page that every signed-in employee may open."""
PUBLIC = ""
"""The right of a page that needs no sign-in."""


class Page(View):
    """A view with a right. `timeout` is "page" (15 s) or "list" (2 s), decision 30."""

    right: ClassVar[str]
    title: str = ""
    timeout: ClassVar[str] = "page"
    template_name: str = ""

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and getattr(cls, "right", None) is None:
            raise TypeError(f"{cls.__module__}.{cls.__name__}: a page declares its right.")

    @classmethod
    def as_view(cls, **initkwargs: Any):
        view = super().as_view(**initkwargs)
        if cls.right == PUBLIC:
            view.login_required = False
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.check_right(request.user)
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def check_right(cls, by) -> None:
        """Raise Forbidden unless `by` may open this page; background work asks again."""
        if cls.right not in (EMPLOYEE, PUBLIC):
            require(by, cls.right)

    @property
    def today(self) -> date:
        """The viewer's business date (decision 10)."""
        return clock.today(getattr(self.request.user, "business_zone", None))

    def get_title(self) -> str:
        return self.title

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """What every template gets; pages add their own."""
        layout = htmx.layout(self.request)
        return {"view": self, "title": self.get_title(), "layout": layout, "is_dialog": layout == htmx.DIALOG, **extra}

    def render(self, status: int = 200, template: str | None = None, **context: Any) -> HttpResponse:
        return render(self.request, template or self.template_name, self.get_context(**context), status=status)


class SimplePage(Page, abstract=True):
    """A page that only shows something."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render()


class FormPage(Page, abstract=True):
    """One form, one service. Works as a page without JavaScript and as a dialog with it.

    A refusal of the service (DomainError) comes back as an error of the form: 422, a lost race 409; what was typed
    stays. With `creates = True` the form carries a one-time token and a second submit gets the first result.
    """

    template_name = "pages/form.html"
    form_class: type[forms.Form] = forms.Form
    submit = "Сохранить"
    submit_tone = "primary"
    success_text = "Сохранено"
    success_url = "/"
    stay = True
    lead = ""
    creates = False

    def get_object(self) -> Any:
        """The subject, already limited to what the viewer sees (404 outside)."""
        return None

    @cached_property
    def object(self) -> Any:
        return self.get_object()

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def get_form(self, data=None, files=None) -> forms.Form:
        return self.form_class(data, files, initial=self.get_initial(), **self.get_form_kwargs())

    def perform(self, form: forms.Form) -> Any:
        """Call the service; its result goes to `success`."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return self.success_url

    def get_success_text(self) -> str:
        return self.success_text

    def get_undo(self) -> str:
        """URL that «Отменить» in the toast posts to; "" for none."""
        return ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _ = self.object
        return self.show(self.get_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _ = self.object
        form = self.get_form(self._posted(), request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            self.result = self._once(form)
        except Forbidden:
            raise
        except (DomainError, DatabaseError) as raised:
            error = raised if isinstance(raised, DomainError) else db.refusal(raised)
            if error is None:
                raise
            form.add_error(error.field if error.field in form.fields else None, htmx.sentence(error))
            return self.show(form, status=error.status, conflict=error if isinstance(error, Conflict) else None)
        return self.success(self.result)

    def _posted(self):
        """«Перезаписать» after a lost race: the same data over the newer version, which the person has been shown."""
        data = self.request.POST
        if data.get("overwrite") == "1" and "version" in data and (version := self.get_version()) is not None:
            data = data.copy()
            data["version"] = str(version)
        return data

    def get_version(self) -> int | None:
        """Of what the form changes: the object, unless a page says what else."""
        return getattr(self.object, "version", None)

    def _once(self, form: forms.Form) -> Any:
        if not self.creates:
            return self.perform(form)
        from core.idempotency import once

        return once(self.request, lambda: self.perform(form))

    def success(self, result: Any) -> HttpResponse:
        return htmx.done(
            self.request, self.get_success_text(), url=self.get_success_url(), stay=self.stay, undo=self.get_undo()
        )

    def show(self, form: forms.Form, status: int = 200, **context: Any) -> HttpResponse:
        return self.render(status=status, form=form, object=self.object, cancel_url=self.get_cancel_url(), **context)

    def get_cancel_url(self) -> str:
        """Where «Отмена» of the page without JavaScript goes: the subject, else the page one came from."""
        if hasattr(self.object, "get_absolute_url"):
            return self.object.get_absolute_url()
        return self.success_url
