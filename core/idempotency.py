"""Form tokens: the second submit of one form gets the result of the first (F11, B3).

A form that creates something carries `{% form_token %}`. The token is written in the transaction of the work:
a submit that comes meanwhile waits on the unique key, then reads what the first one made; when the first one
was refused, its token goes back with it and the second is tried as if it were the first.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpRequest

from . import clock
from .db import retried
from .errors import Conflict
from .models import IdempotencyKey

TOKEN_FIELD = "form_token"
_IGNORED = {TOKEN_FIELD, "csrfmiddlewaretoken"}


def issue_token() -> str:
    """A fresh token for a form."""
    return str(uuid.uuid4())


def once(request: HttpRequest, do: Callable[[], Any], *, name: str = "") -> Any:
    """Call `do` for the first submit of the form and return its result; a repeat gets the same result.

    The result is a model row, or a JSON value. The same token with other fields is a Conflict (409).
    A request without a token is done as it is.
    """
    token = request.POST.get(TOKEN_FIELD, "")
    if not token:
        return do()
    return once_for(token, by=request.user, name=name or request.path, payload=payload_hash(request), do=do)


@retried
@transaction.atomic
def once_for(token: str, *, by, name: str, payload: str, do: Callable[[], Any]) -> Any:
    """`once` for callers without a request (API, imports): `payload` is a hash of what was asked for."""
    try:
        number = uuid.UUID(token)
    except ValueError:
        raise Conflict("Форма устарела. Откройте ее заново и повторите.", code="token") from None
    if not _take(number, by.pk, name[:60], payload):
        return _repeat(number, by.pk, name[:60], payload)
    result = do()
    IdempotencyKey.objects.filter(user=by.pk, token=number).update(result=_reference(result))
    return result


def _take(token: uuid.UUID, user_id: int, name: str, payload: str) -> bool:
    # Waits for a transaction that holds the same token; Django's ignore_conflicts does not say who won.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (user_id, token, name, payload_hash, created_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (user_id, token) DO NOTHING RETURNING id",
            [user_id, token, name, payload, clock.system_now()],
        )
        return cursor.fetchone() is not None


def _repeat(token: uuid.UUID, user_id: int, name: str, payload: str) -> Any:
    first = IdempotencyKey.objects.get(user=user_id, token=token)
    if (first.name, first.payload_hash) != (name, payload):
        raise Conflict("Эта форма уже отправлена с другими данными. Откройте ее заново и повторите.", code="token")
    return _restored(first.result)


def payload_hash(request: HttpRequest) -> str:
    """What the person sent, files by name and size, without the tokens."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in _IGNORED)
    files = sorted((name, file.name, file.size) for name, file in request.FILES.items())
    return hashlib.sha256(json.dumps([fields, files], ensure_ascii=True).encode()).hexdigest()


def _reference(result: Any) -> Any:
    if isinstance(result, models.Model):
        return {"model": result._meta.label_lower, "pk": result.pk}
    if isinstance(result, list | tuple):
        return {"list": [_reference(item) for item in result]}
    try:
        json.dumps(result)
    except TypeError:
        return None
    return {"value": result}


def _restored(reference: Any) -> Any:
    if not reference:
        return None
    if "model" in reference:
        return apps.get_model(reference["model"])._base_manager.filter(pk=reference["pk"]).first()
    if "list" in reference:
        return [_restored(item) for item in reference["list"]]
    return reference["value"]
