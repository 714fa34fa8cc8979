"""«Как стать партнером» and the operator's queue of applications (R1.12)."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from core import htmx
from core.errors import DomainError
from core.lists import ListPage
from core.models import JournalEntry
from core.pages import PUBLIC, FormPage, Page, SimplePage
from core.timeline import describe
from partners import consent, filters, forms, registry_lookup, tables
from partners.addresses import client_address
from partners.models import PartnerApplication, SalesPoint
from partners.rights import Right
from partners.services import applications

from .network import HOME

PER_HOUR = 5
"""Applications from one address in an hour."""
TOO_MANY = "С этого адреса пришло слишком много заявок. Повторите через час."


class BecomePartner(Page):
    """/become-partner/: public. A robot that fills the hidden field is thanked like everybody and nothing is kept."""

    right, title, template_name = PUBLIC, "Как стать партнером", "partners/door/become_partner.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(form=forms.ApplicationForm(initial={"consent_version": consent.VERSION}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.ApplicationForm(request.POST)
        if request.POST.get("site"):
            return self.sent()
        if not form.is_valid():
            return self.render(status=422, form=form)
        if _too_many(request):
            form.add_error(None, TOO_MANY)
            return self.render(status=429, form=form)
        data = {
            name: form.cleaned_data[name] for name in ("inn", "name", "region", "person", "phone", "email", "comment")
        }
        try:
            applications.application_submit(**data, consent_version=form.cleaned_data["consent_version"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.render(status=error.status, form=form)
        return self.sent()

    def sent(self) -> HttpResponse:
        """The same for a first application, a repeated one and a robot: nobody learns who has applied."""
        return HttpResponseRedirect("/become-partner/sent/")


def _too_many(request: HttpRequest) -> bool:
    """More than PER_HOUR from one address. The counter lives in the cache: losing it lets five more in, no harm."""
    key = f"application:{client_address(request)}"
    cache.add(key, 0, 3600)
    try:
        return cache.incr(key) > PER_HOUR
    except ValueError:  # expired between the two, or no cache just now
        return False


class ApplicationSent(SimplePage):
    right, title, template_name = PUBLIC, "Заявка отправлена", "partners/door/application_sent.html"


class Consent(Page):
    """/become-partner/consent/ and …/<version>/: a separate document (152-ФЗ), old versions stay readable."""

    right, title, template_name = PUBLIC, "Согласие на обработку персональных данных", "partners/door/consent.html"

    def get(self, request: HttpRequest, version: str = consent.VERSION) -> HttpResponse:
        if version not in consent.VERSIONS:
            raise Http404
        return self.render(version=version, text=consent.template_of(version))


class ApplicationList(ListPage):
    """/partners/applications/"""

    title, section, right = "Заявки партнеров", "partners-applications", Right.APPLICATION_PROCESS
    parents, noun = (HOME,), ("заявка", "заявки", "заявок")
    table_class, filterset_class, order = tables.ApplicationTable, filters.ApplicationFilter, "-created_at"
    empty_text = "Заявок пока нет. Они приходят со страницы «Как стать партнером»."

    def get_queryset(self) -> QuerySet:
        return PartnerApplication.objects.select_related("region", "processed_by")


class ApplicationCard(Page):
    """/partners/applications/<id>/"""

    right, template_name = Right.APPLICATION_PROCESS, "partners/application.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = PartnerApplication.objects.select_related("region", "processed_by", "salespoint")
        application = get_object_or_404(rows, pk=pk)
        history = JournalEntry.objects.filter(subject_type="partners.partnerapplication", subject_id=pk)[:50]
        return self.render(
            object=application,
            parents=(HOME, ("Заявки партнеров", "/partners/applications/")),
            registered=registry_lookup.find(application.inn),
            is_open=application.state in applications.OPEN,
            lines=[(entry, describe(entry)) for entry in history],
        )

    def get_title(self) -> str:
        return f"Заявка № {self.kwargs['pk']}"


class ApplicationPage(FormPage, abstract=True):
    right, stay = Right.APPLICATION_PROCESS, False

    @property
    def parents(self) -> tuple[tuple[str, str], ...]:
        return (HOME, (f"Заявка № {self.object.pk}", self.object.get_absolute_url()))

    def get_object(self) -> PartnerApplication:
        return get_object_or_404(PartnerApplication, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return self.object.get_absolute_url()


class ApplicationTake(Page):
    right = Right.APPLICATION_PROCESS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        application = get_object_or_404(PartnerApplication, pk=pk)
        applications.application_take(application_id=pk, by=request.user)
        return htmx.done(request, "Заявка взята в работу", url=application.get_absolute_url())


class ApplicationReject(ApplicationPage):
    title, form_class, submit, submit_tone = "Отклонить заявку", forms.RejectForm, "Отклонить", "danger"
    success_text = "Заявка отклонена, ответ отправлен"
    lead = "Заявитель получит ответ по почте."

    def perform(self, form: forms.RejectForm) -> PartnerApplication:
        return applications.application_reject(
            application_id=self.object.pk, answer=form.cleaned_data["answer"], by=self.request.user
        )


class ApplicationAccept(ApplicationPage):
    title, form_class, submit, creates = "Принять заявку", forms.AcceptForm, "Создать точку продаж", True
    success_text = "Точка продаж создана. Теперь добавьте сотрудников"

    def get_initial(self) -> dict[str, Any]:
        a = self.object
        return {
            "name": a.name, "region": a.region, "regions": [a.region], "zone": a.region.zone, "phone": a.phone,
            "email": a.email, "calendar": "пн–пт 09:00–18:00",
        }  # fmt: skip

    def perform(self, form: forms.AcceptForm) -> SalesPoint:
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        return applications.application_accept(application_id=self.object.pk, by=self.request.user, **data)

    def get_success_url(self) -> str:
        return self.result.get_absolute_url()
