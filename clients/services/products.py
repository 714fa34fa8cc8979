"""Keys of the products that call the API."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from clients.models import ProductToken
from core import clock, journal
from core.errors import DomainError
from core.rights import require
from core.text import clean
from partners.models import Employee
from partners.rights import Right


@transaction.atomic
def product_token_create(*, title: str, by: Employee | None) -> tuple[ProductToken, str]:
    """The row and the key, which is shown once and kept as a hash. `by` None: the installation (a command)."""
    if by is not None:
        require(by, Right.ADMIN)
    title = clean(title)
    if not title:
        raise DomainError("Укажите, для какого продукта ключ.", field="title")
    key = f"sbp_{secrets.token_urlsafe(32)}"
    row = ProductToken.objects.create(title=title[:100], token_hash=_hash(key), created_at=clock.now(), created_by=by)
    journal.record(row, "product_token.created", by=by, data={"title": row.title})
    return row, key


@transaction.atomic
def product_token_revoke(*, token_id: int, by: Employee | None) -> ProductToken:
    """The key stops working at once; a repeat changes nothing."""
    if by is not None:
        require(by, Right.ADMIN)
    row = ProductToken.objects.select_for_update().get(pk=token_id)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        journal.record(row, "product_token.revoked", by=by, data={"title": row.title})
    return row


def product_of(key: str) -> ProductToken | None:
    """Whose key it is, None for an unknown or revoked one."""
    return (
        ProductToken.objects.filter(token_hash=_hash(key), revoked_at=None).first() if key.startswith("sbp_") else None
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
