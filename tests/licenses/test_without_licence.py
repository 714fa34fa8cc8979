"""R2.5: a member of a paid account to whom no licence is distributed is a trial client, told apart by the reason."""

from datetime import timedelta

import pytest

from clients.models import Client
from core.jobs import get
from core.jobs.scheduling import run_by_hand
from licenses.models import License
from licenses.services.allocating import allocation_set
from tests import factories as make
from tests.selling import ON

pytestmark = pytest.mark.django_db


def state(client) -> tuple[str, str]:
    client.refresh_from_db()
    return client.prospect_state, client.trial_reason


@pytest.mark.rows("R2.5")
def test_the_licence_may_be_missing_on_the_organisation(shop, manager, django_capture_on_commit_callbacks):
    from accounts.models import AccountMember
    from core import clock

    account, _invoice = shop.sold("eo-basic")
    second = make.ClientFactory(prospect_state="connected", accounts_count=1)
    AccountMember.objects.create(account=account, client=second, joined_at=clock.now())
    license = License.objects.get(account=account)
    assert state(shop.client) == ("connected", "")

    def distribute(**shares):
        with django_capture_on_commit_callbacks(execute=True):
            allocation_set(
                license_id=license.pk, shares={getattr(c, "pk", c): n for c, n in shares["to"]}, by=manager, on=ON
            )

    distribute(to=[(shop.client, 1)])
    assert state(shop.client) == ("connected", "")
    run_by_hand(get("licenses.distribution"), ON)
    assert state(second) == ("trial", "client")
    distribute(to=[(second, 1)])
    assert state(second) == ("connected", "") and state(shop.client) == ("trial", "client")
    run_by_hand(get("licenses.distribution"), ON)
    assert state(second) == ("connected", "") and state(shop.client) == ("trial", "client")


def test_nothing_changes_where_nothing_is_distributed_yet(shop):
    account, _invoice = shop.sold("eo-basic")
    before = list(Client.objects.order_by("pk").values("pk", "prospect_state", "trial_reason"))
    run_by_hand(get("licenses.distribution"), ON + timedelta(days=1))
    assert list(Client.objects.order_by("pk").values("pk", "prospect_state", "trial_reason")) == before
    assert account.pk
