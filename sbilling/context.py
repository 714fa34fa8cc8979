"""What base.html needs: lazily, so that fragments and public pages pay nothing."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import clock, navigation, preferences
from core.jobs.selectors import open_of
from partners.rights import Right
from sbilling import navigation as tree

THEMES = frozenset({"light", "dark"})


def shell(request: HttpRequest) -> dict:
    """Theme, tree, badges, jobs in progress."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get("theme", "")
    context = {
        "theme": theme if theme in THEMES else "light",
        "demo": settings.DEMO,
        "brand": settings.BRAND,
        "request_id": getattr(request, "id", ""),
    }
    if user is None or not user.is_authenticated:
        return context
    if settings.DEMO and user.has_right(Right.ADMIN):
        context["demo_day"] = clock.today()
    return context | {
        "outside_links": tuple((title, url) for title, url in settings.LINKS.items() if url),
        "nav": SimpleLazyObject(lambda: navigation.drawn(request, tree.TREE, beside=tree.FOOT)),
        "nav_foot": SimpleLazyObject(lambda: navigation.drawn(request, tree.FOOT, beside=tree.TREE)),
        "connect": tree.CONNECT if navigation.sees(user, tree.CONNECT) else None,
        "badges": SimpleLazyObject(lambda: tree.badges(user)),
        "jobs": SimpleLazyObject(lambda: open_of(user)),
        "density": SimpleLazyObject(lambda: preferences.of(request).get(("", "density"), "")),
        "no_keys": SimpleLazyObject(lambda: preferences.of(request).get(("", "keys")) is False),
    }
