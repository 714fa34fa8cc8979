"""Cards: one subject, sections registered by the apps above (architecture, 1: the only inversions allowed).

    account_card = Card("account", title="Карточка аккаунта")                 # accounts/cards.py

    account_card.register(Section(slug="charges", title="Платежи и начисления", order=50,      # charges/cards.py
        right=Right.CHARGE_VIEW, template="charges/sections/charges.html",
        context=selectors.charges_section, badge=selectors.open_charge_count))
    account_card.register(Panel(slug="charges", order=20, right=Right.CHARGE_VIEW, template="charges/panels/overview.html",
        context=selectors.charges_panel))                                     # on «Обзор»; place="side" for the right column
    account_card.register(Attention(selectors.overdue_charge))                # (account, request) -> Alert or None
    account_card.register(Action("Продлить", lambda a: f"/accounts/{a.number}/renew/", right=Right.LICENSE_CHOOSE,
        icon="refresh", order=10, main=True, key="renew"))                    # without main: an entry of «⋯»

    class AccountCard(CardPage):                                              # accounts/views.py
        card, right = account_card, Right.ACCOUNT_VIEW
        parents = (("Аккаунты", "/accounts/"),)
        header_template = "accounts/card_header.html"                         # badges and the line of facts

        def get_object(self):
            return get_object_or_404(Account.objects.visible_to(self.request.user), number=self.kwargs["number"])

    path("accounts/<int:number>/", AccountCard.as_view(), name="account"),    # accounts/urls.py
    path("accounts/<int:number>/<slug:section>/", AccountCard.as_view(), name="account-section"),

`context` and `badge` are functions of (object, request); context gives a dict for the section's template, badge a number,
(number, "bad") or None. Registration happens in `<app>/cards.py`, imported by the app's AppConfig.ready.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from core.lists import trail
from core.pages import EMPLOYEE, Page
from core.rights import require

Context = Callable[[Any, HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class Section:
    """A tab with a URL of its own: /accounts/<number>/<slug>/."""

    slug: str
    title: str
    template: str
    order: int = 100
    right: str = EMPLOYEE
    context: Context | None = None
    badge: Callable[[Any, HttpRequest], Any] | None = None
    visible: Callable[[Any, HttpRequest], bool] | None = None


@dataclass(frozen=True)
class Panel:
    """A block of «Обзор»; `place` is "main", "half" (two in a row) or "side"."""

    slug: str
    template: str
    order: int = 100
    right: str = EMPLOYEE
    context: Context | None = None
    place: str = "main"


@dataclass(frozen=True)
class Alert:
    """What to do about this subject first. The smallest `urgency` wins: days left, negative when overdue."""

    text: str
    urgency: int = 100
    detail: str = ""
    url: str = ""
    action: str = ""
    dialog: bool = True
    tone: str = ""
    icon: str = "alert-triangle"
    key: str = ""


@dataclass(frozen=True)
class Attention:
    """A candidate for the one attention note."""

    alert: Callable[[Any, HttpRequest], Alert | None]
    right: str = EMPLOYEE


@dataclass(frozen=True)
class Action:
    """A button of the head (`main`: filled, `line`: outlined) or an entry of «⋯». `url` is a function of the object."""

    title: str
    url: Callable[[Any], str]
    right: str = EMPLOYEE
    icon: str = ""
    order: int = 100
    main: bool = False
    line: bool = False
    dialog: bool = True
    danger: bool = False
    key: str = ""
    visible: Callable[[Any, HttpRequest], bool] | None = None


@dataclass
class Card:
    """What the apps registered for one kind of subject."""

    kind: str
    title: str
    sections: list[Section] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    attentions: list[Attention] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def register(self, part: Section | Panel | Attention | Action) -> None:
        """Add a part; the same slug twice is a mistake."""
        parts: list = {Section: self.sections, Panel: self.panels, Attention: self.attentions, Action: self.actions}[
            type(part)
        ]
        slug = getattr(part, "slug", None)
        if slug is not None and any(p.slug == slug for p in parts):
            raise ValueError(f"The card «{self.kind}» has two parts {slug}.")
        parts.append(part)
        if hasattr(part, "order"):
            parts.sort(key=lambda p: p.order)


@dataclass(frozen=True)
class Shown:
    """A part with its context, ready for the template."""

    part: Any
    context: dict[str, Any]


class CardPage(Page, abstract=True):
    """A card: head, attention, tabs; «Обзор» is made of panels, the other tabs of sections."""

    template_name = "cards/card.html"
    card: ClassVar[Card]
    parents: tuple[tuple[str, str], ...] = ()
    header_template: str = ""
    overview_title = "Обзор"

    def get_object(self) -> Any:
        """The subject, limited to what the viewer sees (404 outside)."""
        raise NotImplementedError

    @cached_property
    def object(self) -> Any:
        return self.get_object()

    def get_title(self) -> str:
        return str(self.object)

    def get_url(self) -> str:
        """The card's own URL, with a slash at its end."""
        return self.object.get_absolute_url()

    def seen(self) -> None:
        """Called for every opened card, for the journal of views (152-ФЗ)."""

    def extra(self) -> dict[str, Any]:
        """More for the header's template."""
        return {}

    def may_see(self, part: Any) -> bool:
        user = self.request.user
        visible = getattr(part, "visible", None)
        return (part.right == EMPLOYEE or user.has_right(part.right)) and (
            visible is None or visible(self.object, self.request)
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _ = self.object
        section = self._section(kwargs.get("section", ""))
        self.seen()
        context = {} if section is None or section.context is None else section.context(self.object, request)
        return self.render(
            object=self.object,
            url=self.get_url(),
            section=section,
            tabs=list(self._tabs(section)),
            place=trail.place_of(request, self.get_url()),
            alert=self._alert() if section is None else None,
            panels=self._panels(section),
            main_actions=[(a, a.url(self.object)) for a in self.card.actions if (a.main or a.line) and self.may_see(a)],
            menu_actions=[
                (a, a.url(self.object)) for a in self.card.actions if not (a.main or a.line) and self.may_see(a)
            ],
            **(context | self.extra()),
        )

    def _section(self, slug: str) -> Section | None:
        if not slug:
            return None
        found = next((s for s in self.card.sections if s.slug == slug), None)
        if found is None or (found.visible and not found.visible(self.object, self.request)):
            raise Http404
        if found.right != EMPLOYEE:
            require(self.request.user, found.right)
        return found

    def _tabs(self, current: Section | None):
        if self.card.panels:
            yield {
                "title": self.overview_title,
                "url": self.get_url(),
                "current": current is None,
                "number": None,
                "tone": "",
            }
        for section in self.card.sections:
            if self.may_see(section):
                badge = section.badge(self.object, self.request) if section.badge else None
                number, tone = badge if isinstance(badge, tuple) else (badge, "")
                url = f"{self.get_url()}{section.slug}/"
                yield {
                    "title": section.title,
                    "url": url,
                    "current": section is current,
                    "number": number,
                    "tone": tone,
                }

    def _panels(self, section: Section | None) -> dict[str, list[Shown]]:
        """The panels of «Обзор» by place; a tab of its own shows the section alone."""
        found: dict[str, list[Shown]] = {"main": [], "half": [], "side": []}
        for panel in self.card.panels if section is None else ():
            if self.may_see(panel):
                context = panel.context(self.object, self.request) if panel.context else {}
                found[panel.place].append(Shown(panel, context))
        return found

    def _alert(self) -> Alert | None:
        alerts = [
            a
            for attention in self.card.attentions
            if self.may_see(attention) and (a := attention.alert(self.object, self.request))
        ]
        return min(alerts, key=lambda a: a.urgency, default=None)
