"""Documents that are generated or list things of the code stay true."""

from pathlib import Path

from dev import model_diagram

ROOT = Path(__file__).resolve().parents[2]


def test_the_drawn_model_is_the_real_one():
    assert model_diagram.TARGET.read_text(encoding="utf-8") == model_diagram.text(), "run: python -m dev.model_diagram"


def test_the_glossary_names_existing_models():
    import re

    from django.apps import apps

    known = {model.__name__ for model in apps.get_models()}
    named = re.findall(r"`([A-Z][A-Za-z]+)`", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"))
    others = {"Right", "Scope", "Limit", "Category", "ChangeQuote", "Block"}
    assert set(named) - others <= known
