"""Pieces of a register file turned into lines of COPY by processes beside this one.

Parsing and reading records is Python, which takes one core a process: the import of a large file takes all that the
machine has. A worker is this module run by itself: it knows no Django and no database, gets pieces and gives lines,
and ends with the pipe it listens to, so that nothing stays behind whatever kills the import.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from lxml import etree

from .lines import Lines, Writer
from .markup import ODD, Frame, records_in
from .reader import RecordReader
from .records import RegistryFileError

ROOT = Path(__file__).resolve().parents[2]
# Each takes some 30 MB and a core; more would leave none to the database.
MOST = 2
PIPE = 1 << 20
# Less input is read sooner than processes start.
WORTH = 2 << 20


# (frame, reader, format of the file, piece): all that a worker must know to read a piece.
Task = tuple[Frame, RecordReader, str, bytes]


def convert(task: Task) -> Lines | None:
    """The lines of a piece; None when it does not parse by itself, and one parser must go over the whole text."""
    frame, reader, format_version, piece = task
    writer = Writer(format_version)
    try:
        for element in records_in(frame.parsed(piece, _parser())):
            writer.add(reader.read(element))
    except (etree.LxmlError, *ODD):
        return None
    return writer.taken()


@lru_cache(1)
def _parser() -> etree.XMLParser:
    return Frame.parser()


@dataclass(slots=True)
class Process:
    """A worker and the two ends of its pipes."""

    child: subprocess.Popen
    tasks: Connection
    answers: Connection
    warm: bool = False

    @classmethod
    def start(cls) -> Process:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, pipesize=PIPE
        )
        tasks, answers = os.dup(child.stdin.fileno()), os.dup(child.stdout.fileno())
        child.stdin.close()
        child.stdout.close()
        return cls(child, Connection(tasks, readable=False), Connection(answers, writable=False))

    def ready(self) -> bool:
        """It says a word when it has started, which takes a tenth of a second; one that died is found by who asks it."""
        if not self.warm and self.answers.poll():
            with suppress(EOFError, OSError):
                self.answers.recv()
            self.warm = True
        return self.warm

    def ask(self, task: Task) -> Lines | None:
        if not self.warm:
            self.answers.recv()
            self.warm = True
        self.tasks.send(task)
        return self.answers.recv()

    def end(self) -> None:
        """At once: it holds nothing that anybody would miss."""
        self.tasks.close()
        self.answers.close()
        self.child.kill()
        self.child.wait()


class Workers:
    """The processes of one run of the importer, which has `size` bytes of input."""

    def __init__(self, size: int, count: int | None = None) -> None:
        self.count = (count or min(MOST, len(os.sched_getaffinity(0)))) if size >= WORTH else 0
        self._idle: SimpleQueue[Process] = SimpleQueue()
        self._starting: Process | None = None
        self._pool = ThreadPoolExecutor(self.count or 1, "registry-worker")

    def __enter__(self) -> Workers:
        for _ in range(self.count):
            self._starting = Process.start()
            self._idle.put(self._starting)
        return self

    def __exit__(self, *_error) -> None:
        self._pool.shutdown(cancel_futures=True)
        for _ in range(self.count):
            self._idle.get().end()

    @property
    def ahead(self) -> int:
        """Pieces to hand over before the first one is waited for: every process has one, and one waits for each."""
        return 2 * self.count

    def ready(self) -> bool:
        """Until a process has started the import reads by itself; nothing may be submitted before."""
        if self._starting is not None and self._starting.ready():
            self._starting = None
        return self._starting is None

    def submit(self, task: Task) -> Future[Lines | None]:
        return self._pool.submit(self._ask, task)

    def _ask(self, task: Task) -> Lines | None:
        """In a thread, with a process that is free; one that was killed is replaced, the second time the file fails."""
        process = self._idle.get()
        try:
            for _attempt in range(2):
                try:
                    return process.ask(task)
                except (EOFError, OSError):
                    process.end()
                    process = Process.start()
        finally:
            self._idle.put(process)
        raise RegistryFileError("Разбор файла прерван: процесс завершился. Запустите загрузку еще раз.")


def main() -> None:
    """A worker: tasks come in, answers go out, the end of the pipe is the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the import, which closes the pipe
    tasks, answers = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    os.dup2(2, 1)  # whatever prints must not meet the answers
    try:
        answers.send(None)
        while True:
            answers.send(convert(tasks.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


if __name__ == "__main__":
    main()
