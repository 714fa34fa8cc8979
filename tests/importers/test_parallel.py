"""Large files are read by processes beside the import: the same records in the same order, whatever becomes of them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from clients.importers import parallel
from clients.importers.parallel import Process, Workers
from clients.importers.reader import RegistryFile
from clients.importers.records import RegistryFileError
from clients.importers.run import import_paths
from clients.models_import import ImportBatch, ImportFile
from tests.importers import registry_files as files
from tests.importers import scenarios

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces of a few records, and processes for any file, which waits for them."""
    monkeypatch.setattr(Workers, "ready", lambda self: True)
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 20_000)
    monkeypatch.setattr("clients.importers.encoding.PIECE", 10_000)
    monkeypatch.setattr(parallel, "WORTH", 0)


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """Numbers of processes that were asked, in turn."""
    pids = []
    ask = Process.ask
    monkeypatch.setattr(Process, "ask", lambda self, task: (pids.append(self.child.pid), ask(self, task))[1])
    return pids


def several(source: str, count: int = 60) -> bytes:
    """A file with refused records among the good ones, and organisations with branches."""
    rng = Random(7)
    if source == "msp":
        return files.msp_file([files.subject(rng) for _ in range(count)])
    make = files.legal if source == "egrul" else files.entrepreneur
    texts = [files.record_xml(make(rng)) for _ in range(count)]
    texts[20] = texts[20].replace("ОГРН", "Номер")
    return files.encoded(files.wrap(texts, source))


def read(content: bytes, workers: Workers | None = None) -> tuple[bytes, int, int, int]:
    parts = list(RegistryFile(io.BytesIO(content)).lines(workers))
    return (
        b"".join(part.data for part in parts),
        sum(part.total for part in parts),
        sum(part.rejected for part in parts),
        sum(part.branches for part in parts),
    )


@pytest.mark.parametrize("source", ["egrul", "egrip", "msp"])
def test_processes_give_the_lines_that_one_process_gives(small_pieces, asked, source):
    content = several(source)
    with Workers(len(content), 2) as workers:
        told = read(content, workers)
    assert told == read(content)
    assert told[1] == 60
    assert told[2] == (source != "msp")
    assert len(set(asked)) == 2


def test_small_input_starts_no_process(asked):
    with Workers(parallel.WORTH - 1) as workers:
        assert workers.count == 0
        read(several("egrip"), workers)
    assert asked == []


def test_until_processes_have_started_the_import_reads_by_itself(small_pieces, asked, monkeypatch):
    content = several("egrul")
    monkeypatch.setattr(Workers, "ready", lambda self: False)
    with Workers(len(content), 2) as workers:
        assert read(content, workers) == read(content)
    assert asked == []


def test_processes_that_cannot_start_fail_the_file_in_words(small_pieces, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    content = several("egrul")
    with Workers(len(content), 2) as workers, pytest.raises(RegistryFileError, match="Разбор файла прерван"):
        read(content, workers)


def test_a_process_that_is_killed_is_replaced_and_nothing_is_lost(small_pieces, monkeypatch):
    content = several("egrul")
    ask, killed = Process.ask, []

    def once_killed(self, task):
        if not killed:
            killed.append(self.child.pid)
            self.child.kill()
        return ask(self, task)

    monkeypatch.setattr(Process, "ask", once_killed)
    with Workers(len(content), 2) as workers:
        assert read(content, workers) == read(content)
    assert killed


@pytest.mark.django_db
def test_a_file_that_kills_every_process_fails_alone_and_in_words(small_pieces, monkeypatch, tmp_path):
    def always_killed(self, task):
        self.child.kill()
        raise EOFError

    monkeypatch.setattr(Process, "ask", always_killed)
    (tmp_path / "large.xml").write_bytes(several("egrul"))
    batch = import_paths([tmp_path])
    assert (batch.failed_files, batch.new) == (1, 0)
    assert ImportFile.objects.get().reason.startswith("Разбор файла прерван")


@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_a_broken_file_gets_the_verdict_of_one_parser(small_pieces, asked, place):
    content = several("egrul")
    cut = int(len(content) * place)
    broken = content[:cut] + b"<<" + content[cut:]
    with Workers(len(broken), 2) as workers, pytest.raises(RegistryFileError) as apart:
        read(broken, workers)
    with pytest.raises(RegistryFileError) as alone:
        read(broken)
    assert str(apart.value) == str(alone.value)
    assert asked


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_histories_end_in_the_same_directory(small_pieces, asked, monkeypatch, tmp_path, seed):
    rng = Random(seed)
    items = scenarios.history(rng, 25)
    expected = scenarios.plain_result(tmp_path / "alone", items)
    assert asked == []  # a record a file: nothing to hand over
    monkeypatch.setattr("clients.importers.markup.CUT_FROM", 4_000)
    monkeypatch.setattr("clients.importers.encoding.PIECE", 2_000)
    assert scenarios.shuffled_result(tmp_path / "apart", items, rng) == expected
    assert asked


def test_no_process_outlives_the_one_that_started_it():
    """SIGKILL gives nobody the time to tidy up: the pipe's end must do."""
    script = (
        "import sys, time\n"
        "from clients.importers.parallel import WORTH, Workers\n"
        "with Workers(WORTH, 2) as workers:\n"
        "    held = [workers._idle.get() for _ in range(2)]\n"
        "    print(*(process.child.pid for process in held), flush=True)\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    assert all(map(alive, children))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, children))


def alive(pid: int) -> bool:
    """Zombies are not: whoever adopts them takes them away in his own time."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.django_db(transaction=True)
def test_ctrl_c_says_how_to_go_on(small_pieces, monkeypatch, tmp_path):
    def interrupted(self, task):
        raise KeyboardInterrupt

    (tmp_path / "large.xml").write_bytes(several("egrul"))
    with monkeypatch.context() as patch:
        patch.setattr(Process, "ask", interrupted)
        with pytest.raises(CommandError, match="продолжит с этого места") as caught:
            call_command("import_registry", str(tmp_path), verbosity=0)
    assert caught.value.returncode == 130
    assert ImportBatch.objects.get().state == ImportBatch.State.CANCELLED
    call_command("import_registry", str(tmp_path), verbosity=0, stdout=io.StringIO())
    assert ImportBatch.objects.latest("pk").new == 59
