"""What the code never does: other clocks, bare saves, formulas in Excel, trusted HTML, signals, SQL from strings."""

import ast
import re

import pytest

from tests.architecture.code import APPS, assert_only_exceptions, calls, dotted, imported, modules

CLOCKS = re.compile(r"(^|\.)(date\.today|datetime\.(now|utcnow|today)|timezone\.(now|localdate|localtime)|localdate)$")


def test_one_clock():
    found = {
        f"{module.place}: {name}"
        for module in modules()
        if module.name != "core.clock"
        for node in ast.walk(module.tree)
        if (name := dotted(node)) and CLOCKS.search(name)
    }
    found |= {
        f"{module.place}: {name}"
        for module in modules()
        for _, name in imported(module)
        if name in ("django.utils.timezone.now", "django.utils.timezone.localdate", "django.utils.timezone.localtime")
    }
    found |= {
        f"{module.place}: {keyword.arg}"
        for module in modules()
        for node, _ in calls(module)
        for keyword in node.keywords
        if keyword.arg in ("auto_now", "auto_now_add")
    }
    assert_only_exceptions(found, "clocks", "Now and today come from core.clock:")


def test_business_dates_never_come_from_the_database_clock():
    found = {
        module.place
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\bcurrent_date\b", node.value, re.I)
    }
    assert not found, f"CURRENT_DATE is the server's day, a business day has a zone: {found}"


def test_services_save_named_fields():
    found = {
        f"{module.place}: {name}"
        for module in modules(*APPS)
        if module.role in ("services", "importers", "jobs", "tasks", "receivers")
        for node, name in calls(module)
        if name.endswith(".save")
        and not name.endswith("session.save")
        and not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert", None}
    }
    assert_only_exceptions(found, "bare_saves", "save() without update_fields overwrites what others changed:")


EXCEL = {"openpyxl", "xlsxwriter", "python_calamine"}


def test_workbooks_are_written_in_one_place():
    found = {
        f"{module.place} imports {name}"
        for module in modules()
        if module.name != "core.exports" and module.role != "importers"
        for _, name in imported(module)
        if name.partition(".")[0] in EXCEL
    }
    assert_only_exceptions(found, "excel", "Excel is core.exports', reading it the importers':")


def test_html_is_escaped():
    found = {
        f"{module.place}: {name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if (name := dotted(node)).rpartition(".")[2] in ("mark_safe", "csrf_exempt", "SafeText")
    }
    assert_only_exceptions(found, "trusted_html", "format_html escapes, mark_safe and csrf_exempt trust:")


def test_no_model_signals():
    found = {
        f"{module.place}: {name}"
        for module in modules()
        for _, name in imported(module)
        if name.startswith("django.db.models.signals")
    }
    assert_only_exceptions(found, "signals", "What happens stands in the service, not in a signal:")


def test_sql_is_never_built_from_values():
    def is_built(node: ast.AST) -> bool:
        if isinstance(node, ast.JoinedStr):
            return any(isinstance(part, ast.FormattedValue) for part in node.values)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Mod) or is_built(node.left) or is_built(node.right)
        return isinstance(node, ast.Call) and dotted(node.func).endswith(".format")

    found = {
        f"{module.place}: {name}"
        for module in modules()
        for node, name in calls(module)
        if name.rpartition(".")[2] in ("execute", "executemany", "RawSQL", "raw", "extra") and node.args
        if is_built(node.args[0])
    }
    assert_only_exceptions(found, "built_sql", "Values go as parameters; reviewed fixed names are listed:")


@pytest.mark.parametrize("name", ["pickle", "marshal", "shelve", "eval", "exec", "yaml.load", "os.system"])
def test_nothing_runs_what_it_reads(name):
    found = {
        module.place
        for module in modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Call) and dotted(node.func) == name)
        or (isinstance(node, ast.Import) and any(alias.name == name for alias in node.names))
    }
    assert not found


def test_server_fetches_no_foreign_url():
    nets = ("requests", "httpx", "urllib.request", "urllib3", "http.client", "aiohttp")
    found = {
        f"{module.place} imports {name}"
        for module in modules()
        for _, name in imported(module)
        if any(name == net or name.startswith(f"{net}.") for net in nets)
    }
    assert_only_exceptions(found, "outgoing", "Only a gateway named by the operator is called (T18):")


def test_money_is_never_a_float():
    found = {
        f"{module.place}: {name or 'float'}({dotted(node.args[0]) if node.args else ''})"
        for module in modules("licenses", "renewals", "charges", "analytics")
        for node, name in calls(module)
        if name == "float" or name.endswith(".FloatField") or name == "FloatField"
    }
    assert_only_exceptions(found, "floats", "Money is Decimal:")
