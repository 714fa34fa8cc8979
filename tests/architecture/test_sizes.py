"""Small files, small functions, names that say what is inside (architecture 4)."""

import ast
import re

from tests.architecture.code import PACKAGES, ROOT, assert_only_exceptions, functions, modules

FILE_LINES, FUNCTION_LINES = 500, 50
EVERYTHING = (*PACKAGES, "dev", "bench", "tests")
NAMELESS = re.compile(r"(?:^|_)(utils?|helpers?|common|misc|stuff)(?:_|$)")


def test_files_are_short():
    long = {module.place for module in modules(*EVERYTHING) if module.text.count("\n") > FILE_LINES}
    for folder, pattern in (("static/js", "*.js"), ("templates", "**/*.html")):
        long |= {
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).glob(pattern)
            if path.read_text().count("\n") > FILE_LINES
        }
    assert_only_exceptions(long, "long_files", f"Longer than {FILE_LINES} lines, split by meaning:")


def test_functions_are_short():
    long = {
        f"{module.place}: {name}"
        for module in modules(*EVERYTHING)
        for name, node in functions(module)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert_only_exceptions(long, "long_functions", f"Longer than {FUNCTION_LINES} lines:")


def test_files_have_names():
    nameless = {m.place for m in modules(*EVERYTHING) if NAMELESS.search(m.name.rpartition(".")[2])}
    assert not nameless, f"A file is named after what it holds: {nameless}"


def test_modules_say_what_they_are():
    silent = {m.place for m in modules() if m.text.strip() and not ast.get_docstring(m.tree)}
    silent -= {f"{app}/apps.py" for app in PACKAGES}
    assert_only_exceptions(silent, "no_docstring", "A module starts with a docstring:")
