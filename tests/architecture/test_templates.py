"""Templates: nothing inline for the CSP, nothing unescaped, every component in its place (architecture 2.10)."""

import hashlib
import json
import re

import pytest

from tests.architecture.code import ROOT, assert_only_exceptions, templates

FORBIDDEN = {
    "unescaped": re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off"),
    "style attribute": re.compile(r"\sstyle\s*=", re.I),
    "inline style": re.compile(r"<style\b", re.I),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I),
    "hx-on": re.compile(r"\shx-on\b|\shx-on:", re.I),
    "javascript link": re.compile(r"[\"']\s*javascript:", re.I),
    "foreign origin": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.I),
    "literal TODO": re.compile(r"\b(TODO|FIXME|XXX|lorem)\b", re.I),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_are_clean(what):
    found = {str(path.relative_to(ROOT)) for path in templates() if FORBIDDEN[what].search(path.read_text())}
    assert_only_exceptions(found, f"templates_{what.replace(' ', '_')}", f"{what}:")


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("unescaped", "{{ x|safe }}"),
        ("style attribute", '<p style="x">'),
        ("inline handler", '<a onclick="x()">'),
        ("inline script", "<script>x</script>"),
        ("foreign origin", '<script src="//cdn.example/x.js">'),
    ],
)
def test_the_patterns_find_what_they_are_for(what, text):
    assert FORBIDDEN[what].search(text)


def test_forms_that_post_have_a_token():
    form = re.compile(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.*?)</form>", re.I | re.S)
    found = {
        str(path.relative_to(ROOT))
        for path in templates()
        if any("csrf_token" not in inner and "form_body" not in inner for inner in form.findall(path.read_text()))
    }
    assert_only_exceptions(found, "templates_without_csrf", "A form without {% csrf_token %} is refused:")


def test_vendored_files_are_those_of_the_lock():
    vendor = ROOT / "static" / "vendor"
    lock = json.loads((vendor / "VENDOR.lock").read_text())
    for name, entry in lock.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == entry["sha256"], name
    present = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    unlocked = {name for name in present - set(lock) if not name.endswith(("LICENSE", "VENDOR.lock"))}
    assert not unlocked, f"Vendored by hand: {unlocked}"
