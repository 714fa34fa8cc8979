"""The icon sprite: which names it holds and the markup of one icon. Vendored by frontend/vendor.py."""

from __future__ import annotations

import re
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Icons of the sprite; a test compares them with those that templates name."""
    with open(finders.find(SPRITE), encoding="utf-8") as sprite:
        return frozenset(re.findall(r'<symbol id="i-([^"]+)"', sprite.read()))


@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """A decorative icon: hidden from screen readers, its neighbour text or aria-label speaks."""
    return format_html(
        '<svg class="ico{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "",
        static(SPRITE),
        name,
    )
