"""Where register files lie: folders, single files, ZIPs with any folders inside. What a ZIP declares is not believed.

Names inside archives only name things in reports: nothing is ever unpacked to a path.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import reasons
from .records import RegistryFileError

MAX_ENTRIES = 50_000
MAX_DIRECTORY = 32 << 20
MAX_UNPACKED = 64 << 30
MAX_RATIO = 100
# Register XML packs 10 to 40 times; a small archive may be odd, a bomb is large.
RATIO_FROM = 16 << 20
HASH_PIECE = 1 << 20
CHANGED = "Файл менялся, пока его читали: дождитесь конца копирования, следующая загрузка возьмет его."


@dataclass(frozen=True, slots=True)
class Found:
    """A file on the disk that may hold register records."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        return reasons.base_name(self.path)


@dataclass(slots=True)
class Search:
    """What the given paths lead to, and what there cannot be looked at, as texts."""

    found: list[Found]
    missing: list[str]

    @property
    def size(self) -> int:
        return sum(item.size for item in self.found)


def search(paths: list[str | os.PathLike]) -> Search:
    """Files as given, and the XML and ZIP files of folders at any depth, in the order of their names.

    What is gone, closed or no file (a link to nothing, a pipe) costs only itself.
    """
    result, seen = Search([], []), set()
    for given in paths:
        path = Path(given)
        for item in sorted(_in_folder(path, result.missing)) if path.is_dir() else [path]:
            try:
                facts = item.stat()
                real = item.resolve()
            except (OSError, ValueError, RuntimeError):
                result.missing.append(reasons.shown(item))
                continue
            if not stat.S_ISREG(facts.st_mode):
                result.missing.append(reasons.shown(item))
            elif real not in seen:
                seen.add(real)
                result.found.append(Found(item, facts.st_size))
    return result


def _in_folder(folder: Path, closed: list[str]) -> Iterator[Path]:
    """The names of folders that cannot be opened go into `closed`."""
    for root, _folders, names in os.walk(folder, onerror=lambda error: closed.append(reasons.shown(error.filename))):
        for name in names:
            if name.lower().endswith((".xml", ".zip")) and not name.startswith("."):
                yield Path(root, name)


class Digest:
    """sha256 of a file on the disk, counted beside the work: hashing holds no lock of the interpreter.

    A file that changes meanwhile has no digest: what was read may be neither the old nor the new content.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stop = threading.Event()
        self._error: OSError | None = None
        self._digest = hashlib.sha256()
        self._before = self._facts()
        self._thread = threading.Thread(target=self._count, name="registry-digest", daemon=True)

    def __enter__(self) -> Digest:
        self._thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        self._thread.join()

    def _count(self) -> None:
        try:
            with open(self._path, "rb") as stream:
                while (piece := stream.read(HASH_PIECE)) and not self._stop.is_set():
                    self._digest.update(piece)
        except OSError as error:
            self._error = error

    def value(self) -> str:
        """Waits for the end of the file; raises RegistryFileError."""
        self._thread.join()
        if self._error:
            raise RegistryFileError(f"Файл не читается: {reasons.disk_words(self._error)}.")
        if self.changed():
            raise RegistryFileError(CHANGED)
        return self._digest.hexdigest()

    def changed(self) -> bool:
        """It grew, shrank, was replaced or removed since its reading began."""
        return self._facts() != self._before

    def _facts(self) -> tuple[int, int, int] | None:
        try:
            facts = os.stat(self._path)
        except (OSError, ValueError):
            return None
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def value_or_path(self) -> str:
        """For a file that cannot be read: its path stands for its content."""
        try:
            return self.value()
        except RegistryFileError:
            return hashlib.sha256(str(self._path).encode()).hexdigest()


def is_zip(path: Path) -> bool:
    """By its first bytes: names lie."""
    try:
        with open(path, "rb") as stream:
            return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


class Archive:
    """A ZIP as a series of XML members; everything that is wrong with it is a RegistryFileError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unpacked = 0

    @contextmanager
    def opened(self) -> Iterator[list[zipfile.ZipInfo]]:
        """The XML members in the order of their names."""
        try:
            _check_directory(self.path)
            archive = zipfile.ZipFile(self.path)
        except RegistryFileError:
            raise
        except Exception as error:
            raise RegistryFileError(f"Архив не открывается: {reasons.reading_words(error)}.") from error
        with archive:
            self._zip = archive
            infos = archive.infolist()
            if len(infos) > MAX_ENTRIES:
                raise RegistryFileError(f"В архиве больше {MAX_ENTRIES} файлов.")
            wanted = sorted(filter(_is_wanted, infos), key=lambda info: info.filename)
            if not wanted:
                raise RegistryFileError("Архив пуст." if not infos else "В архиве нет файлов XML.")
            yield wanted

    @contextmanager
    def member(self, info: zipfile.ZipInfo) -> Iterator[BinaryIO]:
        if info.filename.lower().endswith(".zip"):
            raise RegistryFileError("Архив внутри архива: распакуйте его.")
        try:
            stream = self._zip.open(info)
        except Exception as error:
            raise RegistryFileError(f"Файл не распаковывается: {reasons.reading_words(error)}.") from error
        with stream:
            yield Guarded(stream, info.compress_size, self)


class Guarded:
    """A member that is counted while it is read: ratio and total are of what really came out (T7)."""

    def __init__(self, stream: BinaryIO, packed: int, archive: Archive) -> None:
        self._stream = stream
        self._packed = max(packed, 1)
        self._archive = archive
        self.bytes_read = 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.bytes_read += len(piece)
        self._archive.unpacked += len(piece)
        if self.bytes_read > RATIO_FROM and self.bytes_read > self._packed * MAX_RATIO:
            raise RegistryFileError(f"Файл сжат больше чем в {MAX_RATIO} раз: похоже на архивную бомбу.")
        if self._archive.unpacked > MAX_UNPACKED:
            raise RegistryFileError(f"Архив распаковывается больше чем в {MAX_UNPACKED >> 30} ГБ.")
        return piece


def _is_wanted(info: zipfile.ZipInfo) -> bool:
    name = info.filename.rpartition("/")[2]
    return name.lower().endswith((".xml", ".zip")) and not name.startswith(".") and not info.is_dir()


def shown_name(info: zipfile.ZipInfo) -> str:
    """The name of a member for people: archivers write Russian names in cp866 and others without saying so."""
    try:
        return (info.filename if info.flag_bits & 0x800 else reasons.name_of(info.filename.encode("cp437")))[-500:]
    except UnicodeError:
        return info.filename[-500:]


def _check_directory(path: Path) -> None:
    """Refuse a list of members that would fill the memory before the first one is read."""
    with open(path, "rb") as stream:
        end = zipfile._EndRecData(stream)
    if end and end[zipfile._ECD_SIZE] > MAX_DIRECTORY:
        raise RegistryFileError(f"В архиве больше {MAX_ENTRIES} файлов.")
