"""README names every variable the program reads, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"""(?:environ(?:\.get)?[\[(]|flag\(|link\(|getenv\()\s*["'](SBILLING_[A-Z_]+)["']""")


def test_variables():
    files = [path for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts]
    read = {path: set(READ.findall(path.read_text())) for path in files}
    of_program = set().union(*(names for path, names in read.items() if path.parts[len(ROOT.parts)] != "tests"))
    told = set(re.findall(r"SBILLING_[A-Z_]+", (ROOT / "README.md").read_text()))
    assert len(of_program) > 30
    assert of_program - told == set()
    assert told - set().union(*read.values()) == set()


def test_what_it_links_to_is_there():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []
