"""XML of registers as a stream of record elements: bounded memory, no DTD, any encoding the registers use.

libxml2 decodes windows-1251 slowly, so everything is turned into UTF-8 here; that also leaves one place where a
DOCTYPE can hide. A file is fed in pieces; after each piece all that is finished and not needed is thrown away, so
memory holds one record and one piece, however large the file is and whatever stands between the records.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from lxml import etree

from .records import RegistryFileError

PIECE = 1 << 16
PROLOG_LIMIT = 1 << 16
# A university with 93 branches takes 0.3 MB. Beyond these a record is refused, its file goes on.
RECORD_LIMIT = 16 << 20
NODE_LIMIT = 300_000
FOLD_FROM = 1 << 20

RECORD_TAGS = ("СвЮЛ", "СвИП", "Документ")
HISTORY_TAGS = frozenset(("СвЗапЕГРЮЛ", "СвЗапЕГРИП"))
ENCODINGS = frozenset(
    ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic", "ascii")
)

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SKIPPED = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"<(?:[^\s/>:<!?&]{1,200}:)?([^\s/>:<!?&]{1,200})[\s/>]")
_VERSION = re.compile(r"[0-9.]{1,10}")


class RecordStream:
    """Iterates over (element, too_large) of one XML file; raises RegistryFileError, also in the middle.

    After the first record, or at the end, `declared` (ТипИнф), `version` (ВерсФорм) and `dated` (ДатаВыг) hold what
    the root element says, "" where it says nothing. An element is valid until the next one is asked for.
    """

    def __init__(self, file: BinaryIO, *, on_bytes: Callable[[bytes], None] | None = None) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self.root_name = self.declared = self.version = self.dated = ""
        self.read_to_end = False
        self._root = self._open = None
        self._open_bytes = self._checked_at = 0
        self._too_large = False

    def __iter__(self) -> Iterator[tuple[etree._Element, bool]]:
        pieces = self._utf8()
        start = self._prolog(pieces)
        name = _ROOT.match(start)[1].decode("utf-8", "replace")
        self.root_name = name
        try:
            parser = etree.XMLPullParser(
                events=("start", "end"), tag=[f"{{*}}{tag}" for tag in {*RECORD_TAGS, name}],
                encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                huge_tree=False, collect_ids=False, remove_comments=True, remove_pis=True, remove_blank_text=True,
            )  # fmt: skip
            yield from self._feed(parser, start)
            for piece in pieces:
                yield from self._feed(parser, piece)
            parser.close()
        except etree.LxmlError as error:
            raise RegistryFileError(f"Файл поврежден или обрезан: {_first_line(error)}") from error
        except (ValueError, TypeError, AssertionError, SystemError) as error:
            raise RegistryFileError("Файл поврежден: это не XML реестра.") from error
        self.read_to_end = True

    # --- bytes ---------------------------------------------------------------------------------------------------

    def _raw(self, size: int = PIECE) -> bytes:
        """A piece of the file; whatever a disk, an archive or a stream raises becomes our error."""
        try:
            piece = self._file.read(size)
        except RegistryFileError:
            raise
        except Exception as error:
            raise RegistryFileError(f"Файл не читается: {_first_line(error)}") from error
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise RegistryFileError("Файл открыт как текст: нужен двоичный поток.")
        piece = bytes(piece)
        if self._on_bytes and piece:
            self._on_bytes(piece)
        return piece

    def _utf8(self) -> Iterator[bytes]:
        """The whole file in UTF-8 pieces, without BOM."""
        head = b""
        while len(head) < 256:
            piece = self._raw()
            if not piece:
                break
            head += piece
        encoding, skip = sniff_encoding(head)
        piece = head[skip:]
        if encoding == "utf-8":
            while piece:
                yield piece
                piece = self._raw()
            return
        # One undefined byte must not cost ten thousand good records: it becomes U+FFFD, names lose it later.
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while piece:
            yield decoder.decode(piece).encode("utf-8", "replace")
            piece = self._raw()
        yield decoder.decode(b"", True).encode("utf-8", "replace")

    def _prolog(self, pieces: Iterator[bytes]) -> bytes:
        """What starts with the root element. Refuses a DOCTYPE, whatever stands in it (T7)."""
        text, ended = b"", False
        while True:
            piece = next(pieces, None)
            ended = piece is None
            text += piece or b""
            start = _SKIPPED.match(text).end()
            rest = text[start:]
            if rest[:9].upper().startswith(b"<!DOCTYPE"):
                raise RegistryFileError("В файле есть DOCTYPE: такие файлы не принимаются.")
            if _ROOT.match(rest):
                return rest
            if ended or len(text) > PROLOG_LIMIT:
                raise RegistryFileError("Файл пуст." if not text.strip() else "Это не XML реестра.")

    # --- elements ------------------------------------------------------------------------------------------------

    def _feed(self, parser: etree.XMLPullParser, data: bytes) -> Iterator:
        for i in range(0, len(data), PIECE):
            piece = data[i : i + PIECE]
            parser.feed(piece)
            for event, element in parser.read_events():
                if event == "start":
                    self._started(element)
                elif element is self._open:
                    yield element, self._too_large
                    self._close()
                    element.clear(keep_tail=True)
            if self._open is not None:
                self._open_bytes += len(piece)
                self._bound_open()
            if self._root is not None:
                _shed(self._root, self._open)

    def _started(self, element: etree._Element) -> None:
        if self._root is None:
            root = self._root = element.getroottree().getroot()
            self.declared = (root.get("ТипИнф") or "").strip()
            self.version = (_VERSION.match((root.get("ВерсФорм") or "").strip()) or [""])[0]
            self.dated = (root.get("ДатаВыг") or "").strip()
        tag = local(element)
        if tag not in RECORD_TAGS:
            return
        # СвЮЛ also stands inside a record (the applicant of a history entry), and Документ round one.
        if self._open is None or (tag != "Документ" and local(self._open) == "Документ"):
            self._open, self._open_bytes, self._checked_at, self._too_large = element, 0, FOLD_FROM, False

    def _close(self) -> None:
        self._open = None

    def _bound_open(self) -> None:
        """Keep an unfinished record small: fold its history, then refuse it."""
        if self._open_bytes < self._checked_at:
            return
        self._checked_at = self._open_bytes + FOLD_FROM
        record = self._open
        _fold_history(record)
        if self._open_bytes > RECORD_LIMIT or record.xpath("count(.//*)") > NODE_LIMIT:
            self._too_large = True
        if self._too_large:
            _shed(record, None)


def sniff_encoding(head: bytes) -> tuple[str, int]:
    """(codec, bytes of BOM) of a file that starts with `head`.

    Between UTF-8 and windows-1251 the bytes decide, not the declaration: Russian text in one is never text in the other.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if head.startswith((b"<\x00", b"\x00<")):
        return ("utf-16-le", 0) if head.startswith(b"<\x00") else ("utf-16-be", 0)
    declared = _DECLARED.match(head[:400])
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in ENCODINGS:
        raise RegistryFileError(f"Неизвестная кодировка файла: {name}.")
    if encoding not in ("utf-8", "cp1251", "ascii", "utf-16"):
        return encoding, 0
    if head.isascii():
        return ("cp1251" if encoding == "cp1251" else "utf-8"), 0
    return ("utf-8" if _is_utf8(head) else "cp1251"), 0


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if tag[:1] == "{" else tag


def without_namespaces(element: etree._Element) -> etree._Element:
    """The record with plain tags, so that readers look up one form of names."""
    if element.tag[:1] == "{" or (len(element) and element[0].tag[:1] == "{"):
        for node in element.iter("*"):
            node.tag = local(node)
    return element


def _shed(node: etree._Element, keep: etree._Element | None) -> None:
    """Drop the finished children from `node` down to the open record; the last child may still grow."""
    while node is not keep and len(node):
        if len(node) > 1:
            del node[:-1]
        node = node[0]


def _fold_history(record: etree._Element) -> None:
    """Of the finished history entries keep the newest: its date is the version of the record."""
    newest, newest_date = None, ""
    for entry in list(record)[:-1]:
        if local(entry) not in HISTORY_TAGS:
            continue
        day = entry.get("ДатаЗап") or ""
        if newest is not None and day < newest_date:
            record.remove(entry)
            continue
        if newest is not None:
            record.remove(newest)
        newest, newest_date = entry, day


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:200]
