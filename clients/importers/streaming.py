"""A register file piece by piece through libxml2's push parser, with memory bounded whatever stands in the file.

After each piece all that is finished and not needed is thrown away: memory holds one record and one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from .records import RegistryFileError

# A university with 93 branches takes 0.3 MB and 20 000 nodes. Beyond these a record is refused, its file goes on.
RECORD_LIMIT = 16 << 20
NODE_LIMIT = 400_000
FOLD_FROM = 1 << 19
PIECE = 1 << 16
# So much text without the end of a tag is no register: the parser would hold all of it.
TAG_LIMIT = 1 << 20
# So much that is in no record neither: a bomb of other elements.
JUNK_LIMIT = 4 << 20

RECORD_TAGS = ("СвЮЛ", "СвИП", "Документ")
HISTORY_TAGS = frozenset(("СвЗапЕГРЮЛ", "СвЗапЕГРИП"))
OPTIONS = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False,
    "collect_ids": False, "remove_comments": True, "remove_pis": True, "remove_blank_text": True,
}  # fmt: skip


class Streaming:
    """Records of a document whose root is called `root_name`; `on_root` gets the root before the first of them."""

    def __init__(self, root_name: str, on_root: Callable[[etree._Element], None]) -> None:
        self._on_root = on_root
        self._root = self._open = None
        self._open_bytes = self._checked_at = 0
        self._too_large = False
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=[f"{{*}}{tag}" for tag in {*RECORD_TAGS, root_name}],
            encoding="utf-8",
            **OPTIONS,
        )

    def records(self, pieces: Iterator[bytes]) -> Iterator[tuple[etree._Element, bool]]:
        """(element, too_large), until the document has ended; raises what lxml raises."""
        silence = junk = 0
        for piece in pieces:
            silence = 0 if b">" in piece else silence + len(piece)
            if silence > TAG_LIMIT:
                raise RegistryFileError("Это не реестр: в файле слишком длинный текст без разметки.")
            for i in range(0, len(piece), PIECE):
                found = False
                for record in self._feed(piece[i : i + PIECE]):
                    found = True
                    yield record
                junk = 0 if found or self._open is not None else junk + PIECE
                if junk > JUNK_LIMIT:
                    raise RegistryFileError("Это не реестр: в файле слишком много постороннего.")
        self._close()

    def _close(self) -> None:
        """Some errors feed() passes over in silence, and close() calls them «no element found»."""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            told = next(iter(self._parser.feed_error_log), None)
            if told is None:
                raise
            raise etree.XMLSyntaxError(
                f"{told.message}, line {told.line}, column {told.column}", told.type, told.line, told.column
            ) from error

    def _feed(self, piece: bytes) -> Iterator[tuple[etree._Element, bool]]:
        failure = None
        try:
            self._parser.feed(piece)
        except etree.LxmlError as error:
            failure = error  # behind what the piece has of whole records
        for event, element in self._parser.read_events():
            if event == "start":
                self._started(element)
            elif element is self._open:
                yield element, self._too_large
                self._open = None
                element.clear(keep_tail=True)
        if failure is not None:
            raise failure
        if self._open is not None:
            self._open_bytes += len(piece)
            self._bound_open()
        if self._root is not None:
            _shed(self._root, self._open)

    def _started(self, element: etree._Element) -> None:
        if self._root is None:
            self._root = element.getroottree().getroot()
            self._on_root(self._root)
        tag = local(element)
        if tag not in RECORD_TAGS:
            return
        # СвЮЛ also stands inside a record (the applicant of a history entry), and Документ round one.
        if self._open is None or (tag != "Документ" and local(self._open) == "Документ"):
            self._open, self._open_bytes, self._checked_at, self._too_large = element, 0, FOLD_FROM, False

    def _bound_open(self) -> None:
        """Keep an unfinished record small: fold its history, then refuse it."""
        if self._open_bytes < self._checked_at:
            return
        self._checked_at = self._open_bytes + FOLD_FROM
        if not self._too_large:
            _fold_history(self._open)
            nodes = self._open.xpath("count(.//*) + count(.//@*)")
            self._too_large = self._open_bytes > RECORD_LIMIT or nodes > NODE_LIMIT
        if self._too_large:
            _shed(self._open, None)


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
