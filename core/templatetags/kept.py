"""{% kept name=user.full_name %}…{{ name }}…{% endkept %}: a piece of a page that is drawn once for the same values.

The piece sees the named values and nothing else of the page, so what is kept cannot depend on anything that its key does
not hold. Values are compared with their classes: a text that is safe equals the same text that is not. No csrf token and
nothing of a request belongs in it.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.utils.safestring import SafeString

register = template.Library()

MOST = 256
"""Drawings that one tag keeps."""


class KeptNode(Node):
    child_nodelists = ()  # no blocks in it: nobody looks for them

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self.drawn: dict[tuple, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        values: dict[str, Any] = {name: value.resolve(context) for name, value in self.values.items()}
        key = tuple([(value.__class__, value) for value in values.values()])
        html = self.drawn.get(key)
        if html is None:
            if len(self.drawn) >= MOST:
                self.drawn.clear()
            html = self.drawn[key] = self.nodelist.render(context.new(values))
        return html


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    _name, *bits = token.split_contents()
    values = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError("{% kept %} takes name=value only.")
    nodelist = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(nodelist, values)
