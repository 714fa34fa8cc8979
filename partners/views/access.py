"""«Настройки доступа»: rights, block, sessions (R1.21–R1.28, fig. 1-3, 1-4)."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core import htmx
from core.errors import Conflict, DomainError, Forbidden
from core.pages import EMPLOYEE, FormPage, Page, SimplePage
from core.rights import require
from partners import forms, handover
from partners.access_form import AccessForm
from partners.models import Employee, Role, SessionLink
from partners.rights import MODULES, Right, Scope
from partners.selectors import live_grants, live_roles, role_rights
from partners.services import access, blocking, handing, second_factor, sessions

from .employees import EmployeeCard, EmployeePage
from .network import HOME


class EmployeeAccess(EmployeeCard):
    """/employees/<id>/access/: read first; «Изменить» (`?edit=1`) opens the form. Posting keeps what was chosen."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        edit = request.GET.get("edit") == "1"
        if edit:
            self._require()
        return self.show(AccessForm(self.object, request.user) if edit else None)

    def _require(self) -> None:
        require(self.request.user, Right.EMPLOYEE_GRANT, self.object)

    def show(self, form: AccessForm | None, *, status: int = 200, error: DomainError | None = None) -> HttpResponse:
        section = self._section("access")
        own = self.object.pk == self.request.user.pk
        return self.render(
            status=status, object=self.object, url=self.get_url(), section=section, tabs=list(self._tabs(section)),
            place=None, alert=None, panels={}, main_actions=[], menu_actions=[], form=form, error=error,
            message=htmx.sentence(error) if error else "", roles=live_roles(self.object),
            grants=[(grant, Right(grant.right).label, Scope(grant.scope).label) for grant in live_grants(self.object)],
            may_edit=not own and self.request.user.may(Right.EMPLOYEE_GRANT, self.object),
            may_block=not own and self.request.user.may(Right.EMPLOYEE_BLOCK, self.object),
            version=self.object.version,
        )  # fmt: skip

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._require()
        form = AccessForm(self.object, request.user, request.POST)
        if request.POST.get("access") == Employee.Access.FORBIDDEN and self.object.is_active:
            return HttpResponseRedirect(reverse("employee-block", args=[self.object.pk]))
        changes = form.changes()
        version = self.object.version if request.POST.get("overwrite") == "1" else form.version()
        try:
            access.grant(
                employee_id=self.object.pk, by=request.user, give=changes.give, take=changes.take,
                assign=changes.assign, unassign=changes.unassign, version=version,
            )  # fmt: skip
        except Forbidden:
            raise
        except DomainError as error:
            if isinstance(error, Conflict):
                self.object.refresh_from_db()
            return self.show(form, status=error.status, error=error)
        messages.success(request, "Права сохранены")
        return HttpResponseRedirect(f"{self.object.get_absolute_url()}access/")


class EmployeeBlock(EmployeePage):
    """«Запрещен»: what hangs on him is counted first, and may be handed over at once (fig. 1-4)."""

    title, form_class, submit, submit_tone = "Запретить доступ", forms.BlockForm, "Запретить доступ", "danger"
    needs, template_name, stay = Right.EMPLOYEE_BLOCK, "partners/block.html", False

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"employee": self.object}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        count = SessionLink.objects.filter(employee=self.object).count()
        return super().get_context(bound=handover.of_employee(self.object), sessions=count, **extra)

    def perform(self, form: forms.BlockForm) -> Employee:
        data = form.cleaned_data
        blocked = blocking.employee_block(
            employee_id=self.object.pk, by=self.request.user, reason=data["reason"], version=data["version"]
        )
        if data["to"]:
            handing.hand_over_start(employee_id=blocked.pk, to_id=data["to"].pk, by=self.request.user)
        return blocked

    def get_success_text(self) -> str:
        return f"{self.object.short_name}: доступ запрещен, сеансы завершены"


class EmployeeUnblock(EmployeePage):
    title, submit, success_text = "Разрешить доступ", "Разрешить", "Доступ разрешен"
    form_class, needs, stay = forms.VersionMixin, Right.EMPLOYEE_BLOCK, False
    lead = "Права вернутся прежние. Сеансы, ссылки и переданные дела не возвращаются."

    def perform(self, form) -> Employee:
        return blocking.employee_unblock(
            employee_id=self.object.pk, by=self.request.user, version=form.cleaned_data["version"]
        )


class EmployeeHandOver(EmployeePage):
    title, form_class, submit = "Передать дела", forms.HandOverForm, "Передать"
    needs, template_name = Right.EMPLOYEE_BLOCK, "partners/hand_over.html"
    success_text = "Передача начата: ход виден в шапке страницы"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"employee": self.object}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(bound=handover.of_employee(self.object), **extra)

    def perform(self, form: forms.HandOverForm) -> object:
        return handing.hand_over_start(
            employee_id=self.object.pk, to_id=form.cleaned_data["to"].pk, by=self.request.user
        )


class SecondFactorReset(EmployeePage):
    title, submit, needs = "Снять второй фактор", "Снять", Right.EMPLOYEE_BLOCK
    success_text = "Второй фактор снят"
    lead = "При следующем входе сотрудник подключит приложение заново. Его сеансы завершатся."

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form) -> None:
        second_factor.second_factor_reset(employee_id=self.object.pk, by=self.request.user)


class SessionEnd(Page):
    """«Завершить»: a session of one's own, or of somebody one may block."""

    right = EMPLOYEE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        link = get_object_or_404(SessionLink.objects.select_related("employee"), pk=pk)
        own = link.employee_id == request.user.pk
        if not own and not Employee.objects.visible_to(request.user).filter(pk=link.employee_id).exists():
            raise Http404
        sessions.session_end(link_id=link.pk, by=request.user)
        return htmx.done(request, "Сеанс завершен", url=f"{link.employee.get_absolute_url()}sessions/")


class RoleList(SimplePage):
    """/partners/roles/: what the roles hold."""

    right, title, template_name = Right.EMPLOYEE_GRANT, "Роли", "partners/roles.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        roles = []
        for role in Role.objects.prefetch_related("rights"):
            held = {line.right: Scope(line.scope).label for line in role.rights.all()}
            roles.append((role, held, role.assignments.filter(revoked_at=None).count()))
        may = self.request.user.scope_of(Right.EMPLOYEE_GRANT) == Scope.ALL
        modules = [(title, [(r.value, r.label) for r in rights]) for title, rights in MODULES]
        return super().get_context(roles=roles, modules=modules, may_edit=may, parents=(HOME,), **extra)


class RoleEdit(FormPage):
    """/partners/roles/<code>/: the rights of a role, for the operator; a grant to everybody who holds it."""

    right, template_name, success_url, stay = Right.EMPLOYEE_GRANT, "partners/role_edit.html", "/partners/roles/", False
    form_class, success_text = forms.VersionMixin, "Роль сохранена"
    parents = (HOME, ("Роли", "/partners/roles/"))

    def get_object(self) -> Role:
        if self.request.user.scope_of(Right.EMPLOYEE_GRANT) != Scope.ALL:
            raise Forbidden("Роли меняет оператор. Обратитесь к нему.")
        return self.get_role()

    def get_role(self) -> Role:
        return get_object_or_404(Role, code=self.kwargs["code"])

    def get_title(self) -> str:
        return f"Роль «{self.object.title}»"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        posted, held = self.request.POST, role_rights(self.object.pk)
        modules = [
            (title, [(r.value, r.label, posted.get(f"right:{r}", "") if posted else held.get(r, "")) for r in rights])
            for title, rights in MODULES
        ]
        holders = self.object.assignments.filter(revoked_at=None).count() if self.object.pk else None
        return super().get_context(modules=modules, scopes=Scope.choices, holders=holders, **extra)

    def told(self) -> dict[str, str]:
        """Rights as chosen, those with «нет» left out."""
        told = {right: self.request.POST.get(f"right:{right}", "") for right in Right.values}
        return {right: scope for right, scope in told.items() if scope}

    def perform(self, form) -> Role:
        return access.role_change(
            role_id=self.object.pk, by=self.request.user, version=form.cleaned_data["version"], rights=self.told()
        )


class RoleAdd(RoleEdit):
    """/partners/roles/add/: a role of the network's own; people get it on «Настройки доступа»."""

    form_class, submit, success_text, creates = forms.RoleForm, "Создать", "Роль создана", True

    def get_role(self) -> Role:
        return Role()

    def get_title(self) -> str:
        return "Новая роль"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_cancel_url(self) -> str:
        return self.success_url

    def perform(self, form: forms.RoleForm) -> Role:
        if not (rights := self.told()):
            raise DomainError("Отметьте хотя бы одно право: пустая роль ничего не дает.")
        code = f"role-{secrets.token_hex(4)}"
        return access.role_add(code=code, title=form.cleaned_data["title"], rights=rights, by=self.request.user)
