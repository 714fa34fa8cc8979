"""Where letters to a client may go besides his contact persons."""

from __future__ import annotations

from collections.abc import Iterable

from clients.models import ClientDetails, ClientPerson


def register_emails(clients: Iterable[int]) -> dict[int, str]:
    """{client: the organisation's own address}, lower case; not one that a contact person of it has as a wrong one (R3.26)."""
    ids = list(clients)
    wrong = {
        (client, email.lower())
        for client, email in ClientPerson.objects.filter(client__in=ids, person__email_is_wrong=True).values_list(
            "client_id", "person__email"
        )
    }
    known = ClientDetails.objects.filter(pk__in=ids).exclude(email="").values_list("pk", "email")
    return {client: email.lower() for client, email in known if (client, email.lower()) not in wrong}
