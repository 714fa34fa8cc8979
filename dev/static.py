"""Static files of `./run`: gathered and compressed again only when a source has changed. Takes seconds, needs no database."""

import hashlib
import subprocess
import sys
from pathlib import Path

from .places import ROOT
from .services import program_environment


def is_fresh(folder: Path) -> bool:
    try:
        return (folder / ".gathered").read_text() == _mark()
    except OSError:
        return False


def main() -> int:
    """The mark is written last: a run that broke off is done again."""
    env = program_environment()
    mark = _mark()
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "--verbosity=0"]
    code = subprocess.call(command, cwd=ROOT, env=env)
    if code == 0:
        (Path(env["SBILLING_STATIC_ROOT"]) / ".gathered").write_text(mark)
    return code


def _mark() -> str:
    """Names, sizes and times of our files, and the lock that the packages' files come from."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for folder in (ROOT / "static", *ROOT.glob("*/static")):
        for path in sorted(folder.rglob("*")):
            found = path.stat()
            digest.update(f"{path.relative_to(ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
