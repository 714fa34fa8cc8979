"""«Технические требования»: what a workplace needs, and that the program itself asks for no more (R1.1–R1.9)."""

import re

import pytest
from django.conf import settings


@pytest.mark.rows("R1.4", "R1.6", "R1.7", "R1.8", "R1.9")
def test_the_requirements_are_read_before_signing_in(client, db):
    assert 'href="/help/requirements/"' in client.get("/login/").content.decode()
    page = client.get("/help/requirements/").content.decode()
    for told in ("1,3 ГГц", "2 Мбит/с", "1024×768", "Google Chrome — рекомендуем", "Windows 10, 8, 8.1, 7 SP1", "iPad с iOS 13",
                 "Astra Linux", "более ранняя", "не требует установки", "testserver", "порты 80 и 443", "localhost"):  # fmt: skip
        assert told in page, told


@pytest.mark.rows("R1.7", "R1.8")
def test_a_page_needs_this_host_alone(signed_in, operator):
    """No address of another host in a page, and none that the browser would be let to."""
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert {source for sources in policy.values() for source in sources} <= {"'none'", "'self'", "data:"}
    for path in ("/login/", "/partners/?all=1", "/help/requirements/"):
        page = signed_in(operator).get(path, follow=True).content.decode()
        assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//[^"']+""", page), path
