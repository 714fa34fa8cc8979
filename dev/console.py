"""How the launcher speaks: short lines on stderr, so that a command's own output on stdout stays clean."""

import sys


class Stop(Exception):
    """The launcher cannot go on. The text tells the person at the keyboard what to do."""


def say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)
