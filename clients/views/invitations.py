"""«Пригласить» and «Отправить снова» (R2.47)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from clients.forms import InviteForm
from clients.models import Client, ClientDetails, Invitation
from clients.selectors.search import InnStatus, lookup_inn
from clients.services.invitations import Offer, invitation_resend, invitation_send
from core import htmx
from core.errors import DomainError
from core.pages import Page
from partners.rights import Right

from .binding import ClientForm


class Invite(ClientForm):
    title, submit, success_text, form_class, creates = (
        "Пригласить клиента",
        "Отправить",
        "Приглашение отправлено",
        InviteForm,
        True,
    )

    def get_initial(self) -> dict:
        return {
            "address": ClientDetails.objects.filter(pk=self.object.pk).values_list("email", flat=True).first() or ""
        }

    def perform(self, form: InviteForm) -> Invitation:
        data, sender = form.cleaned_data, None
        if data["sender_inn"]:
            answer = lookup_inn(data["sender_inn"])
            if answer.status in (InnStatus.WRONG, InnStatus.UNKNOWN):
                raise DomainError(answer.message, field="sender_inn")
            sender = answer.clients[0]
        offer = Offer(
            topic=data["topic"],
            sender=sender,
            # Letters do not name employees: the seller invites.
            sender_name="" if sender else str(self.request.user.salespoint.legal_entity),
            address=data["address"],
        )
        return invitation_send(client_id=self.object.pk, offer=offer, by=self.request.user, on=self.today)


class Resend(Page):
    right = Right.CLIENT_CHANGE

    def post(self, request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
        row = get_object_or_404(Invitation, pk=invitation, client=client)
        invitation_resend(invitation_id=row.pk, by=request.user, on=self.today)
        return htmx.done(request, "Приглашение отправлено снова", url=f"{client.get_absolute_url()}invitations/")
