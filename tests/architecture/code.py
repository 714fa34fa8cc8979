"""The program's files as syntax trees, and the lists of exceptions that may only shrink."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("core", "partners", "clients", "accounts", "licenses", "usage", "renewals", "charges", "tickets", "analytics")
PACKAGES = (*APPS, "sbilling")
EXCEPTIONS = Path(__file__).parent / "exceptions"


@dataclass(frozen=True)
class Module:
    """One file: `name` is «clients.services.bind», `place` «clients/services/bind.py»."""

    place: str
    name: str
    text: str
    tree: ast.Module

    @property
    def app(self) -> str:
        return self.name.partition(".")[0]

    @property
    def role(self) -> str:
        """«services» of clients/services/bind.py and of clients/services.py."""
        return [*self.name.split("."), ""][1]

    @property
    def package(self) -> str:
        return self.name if self.place.endswith("__init__.py") else self.name.rpartition(".")[0]


def modules(*packages: str, migrations: bool = False) -> tuple[Module, ...]:
    """Files of the packages (default: the whole program), without migrations."""
    return tuple(module for package in packages or PACKAGES for module in _of_package(package, migrations))


@cache
def _of_package(package: str, migrations: bool) -> tuple[Module, ...]:
    """Parsed once for all who ask, whichever packages they ask for together."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        place = path.relative_to(ROOT)
        if "node_modules" in place.parts or ("migrations" in place.parts and not migrations):
            continue
        name = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text()
        found.append(Module(str(place), name, text, ast.parse(text)))
    return tuple(found)


@cache
def templates() -> tuple[Path, ...]:
    """Every template of the program."""
    return tuple(sorted([*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/templates/**/*.html")]))


def dotted(node: ast.AST) -> str:
    """«datetime.date.today» of an attribute or a name; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else f".{node.attr}"
    return ""


def calls(module: Module):
    """(call, dotted name) of every call of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def imported(module: Module):
    """(node, absolute name) of every import, at any depth: a function's import counts as well."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = module.package.split(".")
            left = base[: len(base) - node.level + 1] if node.level else []
            prefix = ".".join([*left, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node, f"{prefix}.{alias.name}" if prefix else alias.name


def functions(module: Module):
    """(qualified name, node) of every function and method."""

    def walk(node: ast.AST, prefix: str):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    yield name, child
                yield from walk(child, f"{name}.")
            else:
                yield from walk(child, prefix)

    yield from walk(module.tree, "")


def exceptions(name: str) -> set[str]:
    """Lines of exceptions/<name>.txt; what follows « # » is the reason."""
    path = EXCEPTIONS / f"{name}.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.partition(" # ")[0].strip() for line in lines} - {""}


def assert_only_exceptions(found: set[str], name: str, why: str) -> None:
    """Nothing is found but what exceptions/<name>.txt lists, and the list names nothing that is mended by now."""
    known = exceptions(name)
    new = "\n  ".join(sorted(found - known))
    assert not found - known, f"{why}\n  {new}"
    mended = "\n  ".join(sorted(known - found))
    assert not known - found, f"Mended, so take it out of exceptions/{name}.txt:\n  {mended}"
