"""Imports run downward only, between apps and inside one (architecture 1, 2.1); function-level imports count."""

import pytest
from django.apps import apps as django_apps

from tests.architecture.code import APPS, PACKAGES, assert_only_exceptions, imported, modules

BELOW = {
    "core": set(),
    "partners": {"core"},
    "clients": {"core", "partners"},
    "accounts": {"core", "partners", "clients"},
    "licenses": {"core", "partners", "clients", "accounts"},
    "usage": {"core", "partners", "clients", "accounts", "licenses"},
    "renewals": {"core", "partners", "clients", "accounts", "licenses", "usage"},
    "charges": {"core", "partners", "clients", "accounts", "licenses", "usage"},
    "tickets": {"core", "partners", "clients", "accounts", "licenses"},
    "analytics": set(APPS),
    "sbilling": set(APPS),
}
# Inside an app: what a module of the left role must not know.
UPWARD = {
    "models": {
        "querysets_ok",
        "services",
        "selectors",
        "views",
        "tables",
        "filters",
        "forms",
        "cards",
        "urls",
        "tasks",
    },
    "querysets": {"services", "views", "tables", "filters", "forms", "cards", "urls", "tasks"},
    "rules": {"models", "querysets", "services", "selectors", "views", "tables", "filters", "forms", "cards", "tasks"},
    "choices": {
        "models",
        "querysets",
        "services",
        "selectors",
        "views",
        "tables",
        "filters",
        "forms",
        "cards",
        "tasks",
    },
    "selectors": {"services", "views", "tables", "filters", "forms", "cards", "urls", "tasks"},
    "services": {"views", "tables", "filters", "forms", "cards", "urls", "tasks"},
}
DOMAIN_WORDS = ("invoice", "ticket", "license", "charge", "renewal", "salespoint", "tariff", "binding", "shipment")


@pytest.mark.parametrize("package", PACKAGES)
def test_apps_import_downward(package):
    wrong = {
        f"{module.place}:{node.lineno} imports {name}"
        for module in modules(package)
        for node, name in imported(module)
        if (root := name.partition(".")[0]) in PACKAGES and root != package and root not in BELOW[package]
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_the_guard_sees_imports_inside_functions():
    inner = [node for module in modules("core") for node, _ in imported(module) if node.col_offset]
    assert inner


@pytest.mark.parametrize("app", APPS)
def test_models_refer_downward(app):
    wrong = {
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in django_apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and (other := field.related_model._meta.app_label) in APPS
        and other != app
        and other not in BELOW[app]
        and field.related_model is not django_apps.get_model("partners.Employee")  # AUTH_USER_MODEL, by setting
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_modules_of_an_app_import_downward():
    wrong = set()
    for module in modules(*APPS):
        for _, name in imported(module):
            parts = name.split(".")
            if len(parts) > 1 and parts[0] == module.app != "core" and parts[1] in UPWARD.get(module.role, ()):
                wrong.add(f"{module.place} imports {parts[0]}.{parts[1]}")
    assert_only_exceptions(wrong, "imports_inside", "An upper module of the app is imported by a lower one:")


def test_rules_are_pure():
    banned = (
        "django.db",
        "django.http",
        "core.clock",
        "core.db",
        "core.locks",
        "core.journal",
        "core.models",
        "celery",
    )
    wrong = {
        f"{module.place} imports {name}"
        for module in modules(*APPS)
        if module.role in ("rules", "deadlines")
        for _, name in imported(module)
        if name.startswith(banned) or name.endswith((".models", ".querysets"))
    }
    assert not wrong, "Rules know facts and a date, neither database nor clock:\n" + "\n".join(sorted(wrong))


def test_kernel_holds_no_domain_words():
    import ast

    names = set()
    for module in modules("core"):
        for node in ast.walk(module.tree):
            name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "attr", None)
            if isinstance(name, str) and any(word in name.lower() for word in DOMAIN_WORDS):
                names.add(f"{module.place}: {name}")
    assert_only_exceptions(names, "domain_words_in_core", "core is a kernel, these names belong to an app:")
