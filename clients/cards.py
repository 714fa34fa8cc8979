"""The client card: what this app puts on it. Apps above register their own sections (core.cards)."""

from clients.selectors import card as selectors
from core.cards import Action, Attention, Card, Panel, Section
from partners.rights import Right

client_card = Card("client", title="Карточка клиента")

client_card.register(Panel("phones", "clients/panels/phones.html", order=10, context=selectors.phones))
client_card.register(Panel("talks", "clients/panels/talks.html", order=20, context=selectors.invitations))
client_card.register(Panel("requisites", "clients/panels/requisites.html", order=30, context=selectors.requisites))
client_card.register(
    Panel("binding", "clients/panels/binding.html", order=10, place="side", context=selectors.binding_panel)
)
client_card.register(
    Panel("readiness", "clients/panels/readiness.html", order=40, place="side", context=selectors.readiness)
)

client_card.register(
    Section(
        "contacts",
        "Контакты",
        "clients/sections/contacts.html",
        order=20,
        right=Right.CLIENT_VIEW,
        context=selectors.contacts,
        visible=selectors.in_scope,
    )
)
client_card.register(
    Section("invitations", "Приглашения", "clients/sections/invitations.html", order=30, right=Right.CLIENT_VIEW, context=selectors.invitations,
            badge=selectors.open_invitations, visible=selectors.in_scope)
)  # fmt: skip
client_card.register(
    Section("edo", "ЭДО", "clients/sections/edo.html", order=40, right=Right.CLIENT_VIEW, context=selectors.edo, badge=selectors.waiting_documents,
            visible=selectors.in_scope)
)  # fmt: skip
client_card.register(
    Section(
        "related",
        "Дубли и связанные",
        "clients/sections/related.html",
        order=60,
        context=selectors.related,
        badge=selectors.related_badge,
    )
)

client_card.register(Attention(selectors.ceased_alert))
client_card.register(Attention(selectors.foreign_alert))


def _bindable(client, request) -> bool:
    return bool(selectors.in_scope(client, request)) and client.manager_id is None and not client.is_ceased


def _declinable(client, request) -> bool:
    return bool(selectors.in_scope(client, request)) and client.prospect_state not in ("connected", "declined")


def _returnable(client, request) -> bool:
    return bool(selectors.in_scope(client, request)) and client.prospect_state in ("declined", "lost")


client_card.register(
    Action(
        "Закрепить",
        lambda c: f"/clients/{c.pk}/bind/",
        right=Right.CLIENT_CLAIM,
        icon="user-check",
        order=10,
        line=True,
        key="bind",
        visible=_bindable,
    )
)
client_card.register(
    Action(
        "Отказался",
        lambda c: f"/clients/{c.pk}/decline/",
        right=Right.CLIENT_CHANGE,
        icon="circle-x",
        order=60,
        visible=_declinable,
    )
)
client_card.register(
    Action(
        "Вернуть в работу",
        lambda c: f"/clients/{c.pk}/return/",
        right=Right.CLIENT_CHANGE,
        icon="rotate",
        order=61,
        visible=_returnable,
    )
)
client_card.register(
    Action("Пригласить", lambda c: f"/clients/{c.pk}/invite/", right=Right.CLIENT_CHANGE, icon="send", order=50,
           visible=lambda c, r: bool(selectors.in_scope(c, r)) and not c.accounts_count and not c.is_ceased)
)  # fmt: skip
