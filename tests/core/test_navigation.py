"""Sections without pages stay out of the tree: no link leads nowhere (R0.19)."""

import re

from core.navigation import Entry, is_served, sees
from sbilling import navigation


class Anybody:
    def has_right(self, right):
        return True


def test_a_section_without_a_page_is_not_offered():
    assert is_served("/clients/") and not is_served("/no-such-section/")
    assert sees(Anybody(), Entry("Все клиенты", "/clients/"))
    assert not sees(Anybody(), Entry("Нет такой", "/no-such-section/"))


def test_the_door_of_every_offered_section_opens():
    assert all(is_served(entry.url) for entry in navigation.TREE if sees(Anybody(), entry))


def test_one_section_is_current_also_where_one_address_begins_another(signed_in, operator):
    html = signed_in(operator).get("/clients/imports/").content.decode()
    current = re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', html)
    assert "/clients/imports/" in current and "/clients/" not in current
