"""Django's own sign-in event: every session gets its link, whichever way it was opened."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from .services import sessions


@receiver(user_logged_in, dispatch_uid="partners.session_link")
def link_session(sender, request, user, **kwargs) -> None:
    """A session without a link is refused by the middleware, so none can be forgotten here."""
    sessions.session_link(request=request, employee=user)


@receiver(user_logged_out, dispatch_uid="partners.session_unlink")
def unlink_session(sender, request, user, **kwargs) -> None:
    sessions.session_unlink(session_key=request.session.session_key)
