"""Places where tests may switch a protection off or break the program; nothing of it acts in production.

In a service:

    if faults.protected("clients.bind.lock"):
        advisory_xact_lock("inn", inn)
    faults.hit("clients.bind.read")         # a test may pause, raise or kill here

In a test:

    with without_protection("clients.bind.lock"): ...           # or as a decorator of the test
    with at("clients.bind.read", barrier.wait): ...

A program started by a chaos test reads SBILLING_FAULTS="clients.bind.lock=off,import.batch=kill:3", which means: without
that protection, and SIGKILL at the third pass. It is read in demo mode only.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_off: set[str] = set()
_actions: dict[str, Callable[[], object]] = {}


def protected(name: str) -> bool:
    """True, unless a test has switched this protection off."""
    return name not in _off


def hit(name: str) -> None:
    """A named point of the program; does what a test has put there."""
    if _actions and (action := _actions.get(name)):
        action()


@contextmanager
def without_protection(*names: str) -> Iterator[None]:
    """Show that the protection is what protects: with it off, the fault has to appear. Counts for all threads."""
    _off.update(names)
    try:
        yield
    finally:
        _off.difference_update(names)


@contextmanager
def at(name: str, action: Callable[[], object]) -> Iterator[None]:
    """Do `action` whenever the program passes the point, in whichever thread."""
    _actions[name] = action
    try:
        yield
    finally:
        del _actions[name]


def kill_at_pass(number: int) -> Callable[[], None]:
    """An action that ends the process by SIGKILL at the given pass, as a power cut would."""
    passes, lock = 0, threading.Lock()

    def action() -> None:
        nonlocal passes
        with lock:
            passes += 1
            if passes == number:
                os.kill(os.getpid(), signal.SIGKILL)

    return action


def _read_environment(text: str) -> None:
    """Raises ValueError for what it does not understand: a misspelt fault would make a test pass for nothing."""
    for part in filter(None, text.split(",")):
        name, _, what = part.partition("=")
        if what == "off":
            _off.add(name)
        elif what.startswith("kill:"):
            _actions[name] = kill_at_pass(int(what.removeprefix("kill:")))
        else:
            raise ValueError(f"SBILLING_FAULTS: {part!r} is neither NAME=off nor NAME=kill:N")


if os.environ.get("SBILLING_DEMO") == "1":
    _read_environment(os.environ.get("SBILLING_FAULTS", ""))
