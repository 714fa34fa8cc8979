"""One XML file of a register → its records (contracts: `clients.importers.read_records`)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, BinaryIO

from lxml import etree

from .egrip import read_entrepreneur
from .egrul import read_legal
from .fields import check_dates
from .lines import Lines, Writer
from .markup import Frame, RecordStream
from .msp import is_msp, read_small_business
from .reasons import reading_words
from .records import BadRecordError, RegistryFileError, RegistryRecord, RejectedRecord
from .streaming import RECORD_LIMIT, local, without_namespaces

if TYPE_CHECKING:
    from .parallel import Workers

log = logging.getLogger(__name__)

# What a file holds is told by its first record; an empty one by ТипИнф of its envelope.
DECLARED = {"ЕГРЮЛ": "egrul", "ЕГРИП": "egrip", "РЕЕСТРМСП": "msp"}
ROOTS = {"EGRUL": "egrul", "ЕГРЮЛ": "egrul", "EGRIP": "egrip", "ЕГРИП": "egrip", "СвЮЛ": "egrul", "СвИП": "egrip"}
ENVELOPES = frozenset(("Файл", *ROOTS))
UNREAD = "Запись не разобрана: ошибка программы"
BUFFER = 1 << 17
FileOrPath = str | os.PathLike | BinaryIO


def read_records(file: FileOrPath) -> Iterator[RegistryRecord]:
    """The records of one XML file (a path or a binary stream) in its order, any envelope, version and encoding.

    Records that cannot be taken are passed over; `RegistryFile` gives them with their reasons. Raises
    RegistryFileError, also during iteration: what came before it stands in a broken file.
    """
    for item in RegistryFile(file):
        if isinstance(item, RegistryRecord):
            yield item


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Elements of one file → records: `source` is the register of the file, `expected` the one asked for, or "".

    No date may lie behind `until`.
    """

    source: str
    expected: str
    dated: str
    until: date

    def read(self, element: etree._Element, too_large: bool = False) -> RegistryRecord | RejectedRecord:
        try:
            if too_large:
                raise BadRecordError(f"Запись больше {RECORD_LIMIT >> 20} МБ")
            source = _source_of(without_namespaces(element))
            if not source:
                raise BadRecordError("Неизвестное содержание документа")
            if source != self.source and ("msp" in (source, self.source) or self.expected):
                raise BadRecordError("Запись другого реестра")
            record = READERS[source](element, self.dated)
            check_dates((record.as_of, record.record_as_of, record.registered_on, record.ceased_on), self.until)
            return record
        except BadRecordError as error:
            return RejectedRecord(str(error)[:300], *_whose(element))
        except Exception:
            # A defect of this program must not cost the other ten thousand records of the file.
            log.exception("registry_record_failed")
            return RejectedRecord(UNREAD, *_whose(element))


class RegistryFile:
    """Iterates over RegistryRecord and RejectedRecord of one XML file; `lines` gives the same as lines of COPY.

    After the iteration `source` (egrul, egrip, msp or "") and `format_version` say what it was; `reader` stands from the
    first record on.
    """

    def __init__(
        self,
        file: FileOrPath,
        *,
        source: str = "",
        on_bytes: Callable[[bytes], None] | None = None,
        until: date = date.max,
    ) -> None:
        self._file = file
        self._until = until
        self._expected = source
        self._on_bytes = on_bytes
        self.reader: RecordReader | None = None
        self.source = ""
        self.format_version = ""
        self._count, self._last = 0, ""

    def __iter__(self) -> Iterator[RegistryRecord | RejectedRecord]:
        return self._items(None)

    def lines(self, workers: Workers | None = None) -> Iterator[Lines]:
        """The records in their order, large files by processes beside this one."""
        writer = Writer()
        for item in self._items(workers):
            if isinstance(item, Lines):
                if writer.size:
                    yield writer.taken()
                yield item
                continue
            writer.format_version = self.format_version
            writer.add(item)
            if writer.size > BUFFER:
                yield writer.taken()
        yield writer.taken()

    def _items(self, workers: Workers | None) -> Iterator[RegistryRecord | RejectedRecord | Lines]:
        self.reader = None
        self._count, self._last = 0, ""
        with ExitStack() as stack:
            helper = _Helper(self, workers) if workers and workers.count else None
            stream = RecordStream(self._opened(stack), on_bytes=self._on_bytes, helper=helper)
            try:
                yield from self._read(stream)
            except RegistryFileError as error:
                if not self._count:
                    raise
                last = f", ОГРН {self._last}" if self._last else ""
                raise RegistryFileError(f"{error} Последняя целая запись: № {self._count}{last}.") from error
            if self.reader is None:
                self._identify(stream, None)

    def _read(self, stream: RecordStream) -> Iterator[RegistryRecord | RejectedRecord | Lines]:
        for item in stream:
            if isinstance(item, Lines):
                self._count, self._last = self._count + item.total, item.last
                yield item
                continue
            if self.reader is None:
                self._identify(stream, item[0])
            record = self.reader.read(*item)
            self._count, self._last = self._count + 1, record.ogrn
            yield record

    def _opened(self, stack: ExitStack) -> BinaryIO:
        if not isinstance(self._file, str | bytes | os.PathLike):
            return self._file
        try:
            return stack.enter_context(open(self._file, "rb"))
        except (OSError, ValueError) as error:
            raise RegistryFileError(f"Файл не открывается: {reading_words(error)}.") from error

    def _identify(self, stream: RecordStream, element: etree._Element | None) -> None:
        """Which register it is; refuses a file of something else before anything of it is taken."""
        self.format_version = stream.version
        declared = stream.declared.upper()
        self.source = _source_of(element) if element is not None else ROOTS.get(stream.root_name, "")
        if not self.source:
            self.source = next((source for name, source in DECLARED.items() if declared.startswith(name)), "")
        if not self.source and (declared or stream.root_name not in ENVELOPES):
            raise RegistryFileError(f"Это не файл ЕГРЮЛ, ЕГРИП или реестра МСП: {(declared or stream.root_name)[:60]}.")
        if self._expected and self.source and self.source != self._expected:
            raise RegistryFileError("Файл другого реестра, чем указано в --source.")
        self.reader = RecordReader(self.source, self._expected, stream.dated, self._until)


class _Helper:
    """Hands pieces of a file to the workers, with what the file said so far."""

    def __init__(self, file: RegistryFile, workers: Workers) -> None:
        self._file, self._workers = file, workers
        self.ahead = workers.ahead

    def knows(self) -> bool:
        return self._file.reader is not None

    def ready(self) -> bool:
        return self.knows() and self._workers.ready()

    def submit(self, frame: Frame, piece: bytes) -> Future[Lines | None]:
        return self._workers.submit((frame, self._file.reader, self._file.format_version, piece))


READERS = {"egrul": read_legal, "egrip": read_entrepreneur, "msp": read_small_business}


def _source_of(element: etree._Element) -> str:
    tag = local(element)
    if tag == "СвЮЛ":
        return "egrul"
    if tag == "СвИП":
        return "egrip"
    return "msp" if is_msp(element) else ""


def _whose(element: etree._Element) -> tuple[str, str, str]:
    """(ОГРН, ИНН, name) of a refused record, as far as it says."""
    found = {"ogrn": "", "inn": "", "name": ""}
    names = {
        "ogrn": ("ОГРН", "ОГРНИП"),
        "inn": ("ИНН", "ИННФЛ", "ИННЮЛ"),
        "name": ("НаимЮЛПолн", "НаимОрг", "Фамилия"),
    }
    for node in (element, *element[:3]):
        for key, attributes in names.items():
            found[key] = found[key] or next((v for a in attributes if (v := node.get(a))), "")
    return found["ogrn"][:20], found["inn"][:20], found["name"][:300]
