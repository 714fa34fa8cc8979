"""The demo is seeded, agrees with the schema's invariants, and never touches data that is there."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from clients.models import Client
from core.identifiers import is_bank_account, is_inn, is_ogrn, is_ogrnip
from partners.models import LegalEntity
from sbilling import demo

ON = date(2026, 11, 23)
TABLES = [
    "accounts_account",
    "charges_charge",
    "clients_binding",
    "clients_client",
    "licenses_invoice",
    "licenses_license",
    "licenses_price",
    "tickets_ticket",
    "usage_accountproduct",
]
VOLATILE = {"id", "key", "src_hash"}


def fingerprint() -> dict[str, str]:
    """A hash of every table's content without surrogate keys and random keys."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY 1", [table]
            )
            columns = [c for (c,) in cursor.fetchall() if c not in VOLATILE and not c.endswith("_id")]
            row = "||'|'||".join(f"coalesce(\"{c}\"::text, '')" for c in columns)
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(r, E'\\n' ORDER BY r), '')) FROM (SELECT {row} AS r FROM {table}) t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def load() -> dict[str, str]:
    """Load, look, and put everything back."""
    with transaction.atomic():
        demo.load(on=ON, scale=40)
        prints = fingerprint()
        transaction.set_rollback(True)
    return prints


@pytest.mark.django_db
def test_two_loads_are_equal():
    assert load() == load()


@pytest.mark.django_db
def test_identifiers_are_valid_and_nobodys():
    demo.load(on=ON, scale=40)
    for client in Client.objects.all():
        assert is_inn(client.inn)
        assert client.inn[2:4] == "99", "tax offices NN99 do not exist"
        if client.ogrn is None:  # typed by hand, the twin of a card from the register
            assert Client.objects.filter(inn=client.inn, ogrn__isnull=False).exists()
        else:
            assert (is_ogrn if client.kind == "legal" else is_ogrnip)(client.ogrn)
    for entity in LegalEntity.objects.all():
        assert is_bank_account(entity.bank_account, entity.bik)


@pytest.mark.django_db
def test_invariants_hold_over_the_demo():
    demo.load(on=ON, scale=60)
    out = StringIO()
    call_command("check_invariants", stdout=out)


@pytest.mark.django_db
def test_a_database_with_data_is_refused():
    demo.load(on=ON, scale=40)
    with pytest.raises(CommandError, match="пустую базу"):
        call_command("demo", "--scale", "40")
