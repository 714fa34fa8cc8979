"""Every service, job, list page and command is named in a test; what is not yet is listed, and the list shrinks."""

import ast
import re

from core.jobs import registry
from core.lists import registry as list_pages
from tests.architecture.code import APPS, PACKAGES, ROOT, assert_only_exceptions, modules
from tests.architecture.test_urls import routes

WORD = re.compile(r"\w+")


def words_of_tests() -> set[str]:
    """Every word of every test but this package's own."""
    texts = (path.read_text() for path in (ROOT / "tests").rglob("*.py") if "architecture" not in path.parts)
    return {word for text in texts for word in WORD.findall(text)}


def services() -> set[str]:
    """«clients.services.binding.client_bind»: public functions that take the keyword `by`, as a service does."""
    return {
        f"{module.name}.{node.name}"
        for module in modules(*APPS)
        if "services" in module.name.split(".") and not module.name.endswith(".locking")
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "by" in {argument.arg for argument in node.args.kwonlyargs}
    }


def test_services_are_shown():
    known = words_of_tests()
    missing = {name for name in services() if name.rpartition(".")[2] not in known}
    assert_only_exceptions(missing, "services_not_shown", "No test names these services:")


def test_jobs_are_shown():
    texts = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("*.py") if "architecture" not in p.parts)
    missing = {job.name for job in registry.every() if job.name not in texts and job.body.__name__ not in texts}
    assert_only_exceptions(missing, "jobs_not_shown", "No test names these jobs:")


def test_list_pages_are_shown():
    """By the name of the class or by its URL."""
    texts = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("*.py") if "architecture" not in p.parts)
    urls = {view: f"/{route}" for route, view in routes().items()}
    missing = {
        f"{page.__module__}.{page.__name__}"
        for page in list_pages.values()
        if page.__module__.partition(".")[0] in PACKAGES
        and not re.search(rf"\b{page.__name__}\b", texts)
        and f'"{urls.get(page)}' not in texts
    }
    assert_only_exceptions(missing, "lists_not_shown", "No test names these list pages:")


def test_commands_are_shown():
    known = words_of_tests()
    commands = {path.stem for package in PACKAGES for path in (ROOT / package).glob("management/commands/*.py")}
    missing = commands - known - {"__init__"}
    assert_only_exceptions(missing, "commands_not_shown", "No test names these commands:")
