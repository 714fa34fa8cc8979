"""The text a person agrees to on a public form. A text is never edited: a new version gets a new date and file."""

from __future__ import annotations

VERSION = "2025-09-01"
VERSIONS = (VERSION,)


def template_of(version: str) -> str:
    """The template with the text of a version."""
    return f"partners/consent/{version}.html"
