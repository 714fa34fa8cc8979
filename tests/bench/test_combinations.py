"""The draws of `python -m bench.combinations`."""

import random

from bench.combinations import _lists, _value
from clients.lists.filtersets import InvitedFilter


def test_every_list_of_clients_and_accounts_is_drawn():
    paths = {path for path, _view in _lists()}
    assert {"/clients/", "/clients/potential/invited/", "/accounts/", "/accounts/renewals/", "/payments/"} <= paths


def test_a_value_is_one_that_the_field_takes():
    rng, fields = random.Random(3), {name: one.get_field() for name, one in InvitedFilter.base_filters.items() if one}
    for name in ("phone", "kind", "step", "life", "q"):
        drawn = _value(rng, name, fields[name])
        assert drawn and all(key == name for key, _value in drawn)
        values = [value for _key, value in drawn]
        assert fields[name].clean(values if name in ("kind", "step") else values[0])
