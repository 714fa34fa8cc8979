"""Where the launcher keeps things: data and logs in STATE, sockets in a short directory under /tmp."""

import errno
import hashlib
import os
import stat
from pathlib import Path

from .console import Stop

ROOT = Path(__file__).resolve().parent.parent
IS_ROOT = os.geteuid() == 0
# Names the checkout and the user: two checkouts, or two users of one checkout, never meet.
TAG = hashlib.sha256(f"{ROOT}:{os.geteuid()}".encode()).hexdigest()[:8]
# PostgreSQL of root runs as another user, who may not be able to enter the checkout (/root is 0700).
_DEFAULT_STATE = Path(f"/var/tmp/sbilling-{TAG}") if IS_ROOT else ROOT / ".dev"
STATE = Path(os.environ.get("SBILLING_STATE") or _DEFAULT_STATE).absolute()
# A socket's path may have 107 bytes at most (103 on macOS), a checkout's path may be longer.
SOCKETS = Path("/tmp") / f"sb-{hashlib.sha256(f'{TAG}:{STATE}'.encode()).hexdigest()[:8]}"
LOGS = STATE / "logs"


def own_directory(path: Path, mode: int, owner: int | None = None) -> Path:
    """Make the directory; refuse one that is a link or belongs to somebody else (names under /tmp can be guessed).

    `owner`: the user id the directory is to be given to, when root starts a server as another user.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise Stop(
            f"cannot make the directory {path} ({error.strerror}). SBILLING_STATE=… names another place."
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        raise Stop(f"{path} is not ours: it is a link or belongs to another user. Remove it, then start again.")
    if owner is not None and found.st_uid != owner:
        os.chown(path, owner, -1)
    path.chmod(mode)
    return path


def make_places() -> None:
    own_directory(STATE, 0o711)
    own_directory(SOCKETS, 0o711)
    own_directory(LOGS, 0o700)
