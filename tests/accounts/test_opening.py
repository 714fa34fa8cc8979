"""An account is opened by one function, whether a manager or the client himself asks (R2.68)."""

import pytest

from accounts.models import Account
from accounts.services import account_create, connecting, registration
from clients.services.prospects import prospect_kept, prospect_restore
from core import clock
from tests.factories import ClientFactory, bound

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(monkeypatch):
    """The sources of accounts that went through `open_account`."""
    sources, real = [], connecting.open_account

    def open_account(*args, **kwargs):
        sources.append(kwargs["source"])
        return real(*args, **kwargs)

    for module in (connecting, registration):
        monkeypatch.setattr(module, "open_account", open_account)
    return sources


@pytest.mark.rows("R2.68")
def test_manager_and_client_open_an_account_by_one_function(opened, manager):
    by_hand, by_itself = ClientFactory(), ClientFactory()
    bound(by_itself, manager)
    today = clock.today()
    account_create(client_id=by_hand.pk, name=by_hand.name, contact=None, by=manager, on=today)
    registration.account_register(client_id=by_itself.pk, key="k-1", name=by_itself.name, contact=None, on=today)
    assert opened == ["manager", "self"]
    assert {account.manager for account in Account.objects.all()} == {manager}


def test_a_card_gets_its_state_of_before_a_payment_back(manager):
    client = ClientFactory(prospect_state="lost", prospect_on=clock.today())
    kept = prospect_kept(client)
    client.prospect_state, client.prospect_on = "connected", clock.today()
    client.save(update_fields=["prospect_state", "prospect_on"])
    prospect_restore(
        client=client, kept={k: v.isoformat() if k.endswith("_on") else v for k, v in kept.items()}, by=manager
    )
    client.refresh_from_db()
    assert prospect_kept(client) == kept
