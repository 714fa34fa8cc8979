"""«Все клиенты» and «Потенциальные клиенты»: the lists (R2.1–R2.42)."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import Q, QuerySet

from clients.choices import COUNTED_INVITATIONS, ProspectState
from clients.lists import columns, filtersets
from clients.lists.bulk import ACTIONS
from clients.lists.responsible import asks_for_bound
from clients.models import Client
from clients.selectors import cube
from core.lists import Found, ListPage, Preset, Tab
from partners.rights import Right

NARROW = "Добавьте регион, ответственного или категорию."
MOST_PARTS = 8
PARENTS = (("Все клиенты", "/clients/"), ("Потенциальные клиенты", "/clients/potential/"))


class ClientListPage(ListPage, abstract=True):
    """What the lists of clients share. Opened without parameters: the cards of one's own sales point (R2.14)."""

    right, noun = Right.CLIENT_VIEW, ("клиент", "клиента", "клиентов")
    table_class, filterset_class = columns.ClientTable, filtersets.ClientFilter
    actions, row_buttons = ACTIONS, staticmethod(columns.row_buttons)
    default_query, narrow_hint = "resp=point", NARROW
    narrow_by = ("region", "resp", "state", "reg")
    path: ClassVar[str] = "/clients/"

    def __init_subclass__(cls, abstract: bool = False, **kwargs) -> None:
        cls.tabs = (Tab("Список", cls.path), Tab("Распределение", f"{cls.path}distribution/"))
        super().__init_subclass__(abstract=abstract, **kwargs)

    base = Q()
    """What makes the category, on columns that cards and cells of the cube share."""

    def get_queryset(self) -> QuerySet:
        # What the filter asks for needs one half of the scope; rows named by their ids may stand in the other.
        asked = asks_for_bound(self.params.get("resp", ""), self.params.get("topic", ""))
        bound = asked if self.is_filtering else None
        return self.of_category(Client.objects.visible_to(self.request.user, bound=bound))

    def of_category(self, rows: QuerySet) -> QuerySet:
        return rows.filter(self.base)  # names come from `partners.known`

    def cells(self, found: Found) -> QuerySet | None:
        """The same rows in the cube, when it knows all that was asked."""
        if found.filterset is None or found.error:
            return None
        return cube.cells(found.filterset.form.cleaned_data, viewer=self.request.user, on=self.today, base=self.base)

    def exact_total(self, found: Found) -> int | None:
        cells = self.cells(found)
        return None if cells is None else cube.total(cells)

    def parts(self, found: Found) -> list[QuerySet]:
        """The halves of the scope, and the categories of one region: each has an index in the order, together they have none."""
        if found.filterset is None:
            return []
        chosen, parts = found.filterset.form.cleaned_data, [found.queryset]
        if asks_for_bound(chosen.get("resp") or "", chosen.get("topic") or "") is None:
            halves = Client.objects.parts_visible_to(self.request.user)
            parts = [found.filterset.filter_queryset(self.of_category(half)) for half in halves] or parts
        states = chosen.get("state") if self.sort.lstrip("-") == "registered" else None
        if states and chosen.get("region") and not chosen.get("resp"):
            parts = [part.filter(prospect_state=state) for part in parts for state in states]
        return parts if len(parts) <= MOST_PARTS else []

    def decorate(self, found: list[Client]) -> None:
        may = self.request.user.has_right(Right.CLIENT_CLAIM)
        for client in found:
            client.may_bind = may and not client.is_ceased

    def row_css(self, row: Client) -> str:
        return "is-off" if row.is_ceased else ""


class AllClients(ClientListPage):
    title, section = "Все клиенты", "clients"
    order, empty_text = "-registered", "Нет клиентов по условиям."
    presets = (
        Preset("Новые организации с телефоном", "reg=new&phone=1&resp=free"),
        Preset("Новые организации моего региона", "reg=new&phone=1&resp=none"),
    )


class Potential(ClientListPage):
    title, section, path = "Потенциальные клиенты", "clients-potential", "/clients/potential/"
    parents, filterset_class = PARENTS[:1], filtersets.PotentialFilter
    order, empty_text = "-registered", "Нет клиентов по условиям."
    presets = (Preset("Новые организации с телефоном", "reg=new&phone=1&resp=free"),)

    base = ~Q(prospect_state=ProspectState.CONNECTED)


class Invited(ClientListPage):
    title, section, path = "Приглашены", "clients-invited", "/clients/potential/invited/"
    parents, table_class, filterset_class = PARENTS, columns.InvitedTable, filtersets.InvitedFilter
    order, empty_text = "-invited", "Приглашений без ответа нет."
    base = Q(invite_state__in=COUNTED_INVITATIONS)
    presets = (
        Preset("Приглашены с телефоном", "phone=1&resp=point"),
        Preset("Новые, приглашены, с телефоном", "reg=new&phone=1&resp=point"),
        Preset("Без привязки к менеджеру", "resp=free"),
    )

    def of_category(self, rows: QuerySet) -> QuerySet:
        return super().of_category(rows).with_last_invitation()

    def exact_total(self, found: Found) -> int | None:
        cells = self.cells(found)
        states = filtersets.INVITE_STATES[self.params.get("invite") or "open"]
        return None if cells is None else cube.total(cells.filter(invite_state__in=states))


class Declined(ClientListPage):
    title, section, path = "Отказались", "clients-declined", "/clients/potential/declined/"
    parents, table_class, filterset_class = PARENTS, columns.DeclinedTable, filtersets.DeclinedFilter
    order, empty_text = "-since", "Отказавшихся нет."

    base = Q(prospect_state=ProspectState.DECLINED)


class Lost(ClientListPage):
    title, section, path = "Потерянные", "clients-lost", "/clients/potential/lost/"
    parents, table_class, filterset_class = PARENTS, columns.LostTable, filtersets.LostFilter
    order, empty_text = "-since", "Потерянных нет."

    base = Q(prospect_state=ProspectState.LOST)


class Trial(ClientListPage):
    title, section, path = "Активные триальные", "clients-trial", "/clients/potential/trial/"
    parents, table_class, filterset_class = PARENTS, columns.TrialTable, filtersets.TrialFilter
    order, empty_text = "-active", "Активных триальных нет."
    default_query = "resp=point&active=1"
    presets = (
        Preset("Активные триальные", "active=1&resp=point"),
        Preset("Лицензия не распределена контрагенту", "licence=client&resp=point"),
    )

    base = Q(prospect_state=ProspectState.TRIAL)
