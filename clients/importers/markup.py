"""XML of registers as a stream of record elements: bounded memory, no DTD, any encoding the registers use.

Two ways through a file, with one result. Most of it is cut behind closed records into pieces that are parsed whole: by a
second thread, where libxml2 holds no lock, while this one reads records out of the piece before, or by processes that
read them too (`parallel`). What cannot be cut (a small file, the end of a large one, one that is broken or odd) goes
through `streaming`, which says what is wrong.

Cutting is safe: pieces that parse, each inside the root's own tags, are content, and a row of contents in one root is a
well-formed document. A cut in the wrong place gives a piece that does not parse, and streaming goes on from there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, NamedTuple, Protocol

from lxml import etree

from .encoding import Utf8Pieces
from .lines import Lines
from .reasons import markup_words
from .records import RegistryFileError
from .streaming import OPTIONS, RECORD_TAGS, Streaming, local

PROLOG_LIMIT = 1 << 16
CUT_FROM = 1 << 18
# Behind this much text without a closed record streaming takes over: it bounds what a record may take.
CUT_LIMIT = 1 << 20
AHEAD = 3

_SKIPPED = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"<((?:[^\s/>:<!?&]{1,200}:)?([^\s/>:<!?&]{1,200}))[\s/>]")
_START_TAG = re.compile(rb"""<[^\s/>]{1,400}(?:\s+[^\s=<>"']{1,400}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*>""")
# What a server sends in place of a file: «403 Forbidden», a form of login.
_WEB_PAGE = re.compile(rb"<!doctype\s+html[\s>]|<html[\s/>]", re.IGNORECASE)
_VERSION = re.compile(r"[0-9.]{1,10}")
_ANY_RECORD = tuple(f"{{*}}{tag}" for tag in RECORD_TAGS)
_ENDS = tuple(f"</{tag}>".encode() for tag in ("Документ", "СвЮЛ", "СвИП"))


# What lxml raises besides its own errors when a text is no XML at all.
ODD = (ValueError, TypeError, AssertionError, SystemError)


class Frame(NamedTuple):
    """The tags of the root, which make a piece of its content a document."""

    head: bytes
    tail: bytes

    @staticmethod
    def parser() -> etree.XMLParser:
        return etree.XMLParser(encoding="utf-8", **OPTIONS)

    def parsed(self, piece: bytes, parser: etree.XMLParser) -> etree._Element:
        return etree.fromstring(self.head + piece + self.tail, parser)


class Helper(Protocol):
    """Who takes whole pieces away and gives lines for them."""

    ahead: int

    def knows(self) -> bool:
        """A first record has said which register it is: what nobody can read a piece without."""
        ...

    def ready(self) -> bool: ...

    def submit(self, frame: Frame, piece: bytes) -> Future[Lines | None]: ...


class RecordStream:
    """Iterates over (element, too_large) of one XML file; raises RegistryFileError, also in the middle.

    From the first record on, or at the end, `declared` (ТипИнф), `version` (ВерсФорм) and `dated` (ДатаВыг) hold what
    the root element says, "" where it says nothing. An element is valid until the next one is asked for. With a
    `helper` some pieces of the file come as Lines, in their places; the first record always comes as an element.
    """

    def __init__(
        self, file: BinaryIO, *, on_bytes: Callable[[bytes], None] | None = None, helper: Helper | None = None
    ) -> None:
        self._pieces = iter(Utf8Pieces(file, on_bytes))
        self._helper = helper
        self.root_name = self.declared = self.version = self.dated = ""

    def __iter__(self) -> Iterator[tuple[etree._Element, bool] | Lines]:
        start, lines = self._prolog()
        qualified, name = (part.decode("utf-8", "replace") for part in _ROOT.match(start).groups())
        self.root_name = name
        try:
            head = self._head(start, name)
            rest = [start]
            if head:
                frame = Frame(head, f"</{qualified}>".encode())
                self._root_says(frame.parsed(b"", Frame.parser()))
                cutter = Cutter(start[len(head) :], self._pieces, frame, self._helper)
                for part in cutter:
                    if isinstance(part, Lines):
                        yield part
                        continue
                    for record in records_in(part):
                        yield record, False
                rest = [head, *cutter.left]
                lines += cutter.lines
            yield from Streaming(name, self._root_says).records(chain_pieces(rest, self._pieces))
        except etree.LxmlError as error:
            raise RegistryFileError(f"Файл поврежден или обрезан: {markup_words(error, lines)}.") from error
        except ODD as error:
            raise RegistryFileError("Файл поврежден: это не XML реестра.") from error

    def _prolog(self) -> tuple[bytes, int]:
        """What starts with the root element, and the lines before it. Refuses a DOCTYPE, whatever stands in it (T7)."""
        text = b""
        while True:
            piece = next(self._pieces, None)
            text += piece or b""
            skipped = _SKIPPED.match(text).end()
            rest = text[skipped:]
            if _WEB_PAGE.match(rest):
                raise RegistryFileError("Это страница сайта (html), а не файл реестра: скачайте файл заново.")
            if rest[:9].upper().startswith(b"<!DOCTYPE"):
                raise RegistryFileError("В файле есть DOCTYPE: такие файлы не принимаются.")
            if _ROOT.match(rest):
                return rest, text.count(b"\n", 0, skipped)
            if piece is None or len(text) > PROLOG_LIMIT:
                raise RegistryFileError("Файл пуст." if not text.strip() else "Это не XML реестра.")

    def _head(self, start: bytes, name: str) -> bytes:
        """The start tag of a root that can be cut behind its records; b"" for others."""
        tag = _START_TAG.match(start)
        return tag[0] if tag and name not in RECORD_TAGS else b""

    def _root_says(self, root: etree._Element) -> None:
        self.declared = (root.get("ТипИнф") or "").strip()
        self.version = (_VERSION.match((root.get("ВерсФорм") or "").strip()) or [""])[0]
        self.dated = (root.get("ДатаВыг") or "").strip()


class Cutter:
    """What became of pieces of whole records, in order: their trees, or Lines where the helper took them.

    `left` is the text that no piece covers, to be streamed; `lines` how many stand before it, less the root's own.
    """

    def __init__(self, text: bytes, pieces: Iterator[bytes], frame: Frame, helper: Helper | None = None) -> None:
        self._pieces = pieces
        self._frame = frame
        self._helper = helper
        self._end = b""
        self._ended = False
        self.left: list[bytes] = [text]
        self.lines = 0

    def __iter__(self) -> Iterator[etree._Element | Lines]:
        waiting: deque[tuple[bytes, Future]] = deque()
        text = self.left[0]
        self.left = []
        with ThreadPoolExecutor(1, "registry-parser") as pool:
            parse = partial(pool.submit, self._frame.parsed, parser=Frame.parser())
            try:
                while True:
                    while not self._ended and len(waiting) < self._ahead():
                        part, text = self._cut(text)
                        if part:
                            waiting.append((part, self._handed(part, parse)))
                    if not waiting:
                        break
                    part, future = waiting.popleft()
                    try:
                        result = future.result()
                    except etree.LxmlError:
                        result = None
                    if result is None:
                        self.left = [part, *(later for later, _ in waiting)]
                        break
                    self.lines += part.count(b"\n")
                    yield result
            finally:
                for _part, future in waiting:
                    future.cancel()
        self.left.append(text)

    def _ahead(self) -> int:
        if self._helper is None:
            return AHEAD
        if not self._helper.knows():
            return 1
        return self._helper.ahead if self._helper.ready() else AHEAD

    def _handed(self, part: bytes, parse: Callable[[bytes], Future]) -> Future:
        helped = self._helper is not None and self._helper.ready()
        return self._helper.submit(self._frame, part) if helped else parse(part)

    def _cut(self, text: bytes) -> tuple[bytes, bytes]:
        """(whole records, the text behind them); the first is b"" when there is nothing more to cut."""
        parts, size = [text], len(text)
        while size < CUT_FROM:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                return b"", b"".join(parts)
            parts.append(piece)
            size += len(piece)
        text = b"".join(parts)
        place = self._last_end(text)
        while not place and len(text) < CUT_LIMIT and (piece := next(self._pieces, None)):
            text += piece
            place = self._last_end(text)
        if not place:
            self._ended = True
        return text[:place], text[place:]

    def _last_end(self, text: bytes) -> int:
        """The place behind the last closed record, 0 when there is none. All cuts are behind the same tag."""
        for end in (self._end,) if self._end else _ENDS:
            place = text.rfind(end)
            if place >= 0:
                self._end = end
                return place + len(end)
        return 0


def records_in(element: etree._Element) -> Iterator[etree._Element]:
    """The outermost records inside; a Документ is one only when it holds no other."""
    for child in element:
        tag = local(child)
        if tag not in RECORD_TAGS:
            yield from records_in(child)
        elif tag != "Документ":
            yield child
        elif len(child) == 1 and child[0].tag in ("СвЮЛ", "СвИП"):  # as a rule
            yield child[0]
        elif next(child.iterdescendants(*_ANY_RECORD), None) is None:
            yield child
        else:
            yield from records_in(child)


def chain_pieces(first: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from filter(None, first)
    yield from rest
