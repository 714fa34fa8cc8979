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


def test_decisions_cited_in_code_are_told():
    import re

    text = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    cited = set()
    for folder in (path.parent for path in ROOT.glob("*/__init__.py")):
        for path in folder.rglob("*.py"):
            for numbers in re.findall(r"\bdecisions? (\d+(?:(?:, | and |–)\d+)*)", path.read_text(encoding="utf-8")):
                cited |= {int(number) for number in re.findall(r"\d+", numbers)}
    assert cited and cited <= told
    places = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", text)
    assert places and [place for place in places if not (ROOT / place).exists()] == []
