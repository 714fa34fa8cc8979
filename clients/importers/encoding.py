"""The bytes of a register file as UTF-8. libxml2 decodes windows-1251 slowly, and one encoding leaves no hiding place."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from . import reasons
from .records import RegistryFileError

PIECE = 1 << 18
ENCODINGS = frozenset(
    ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic", "ascii")
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


class Utf8Pieces:
    """The whole file in UTF-8 pieces without BOM. `on_bytes` sees what the file itself holds."""

    def __init__(self, file: BinaryIO, on_bytes: Callable[[bytes], None] | None = None) -> None:
        self._file = file
        self._on_bytes = on_bytes

    def __iter__(self) -> Iterator[bytes]:
        head = b""
        while len(head) < 256 and (piece := self._read()):
            head += piece
        encoding, skip = sniff_encoding(head)
        piece = head[skip:]
        if encoding == "utf-8":
            while piece:
                yield piece
                piece = self._read()
            return
        # One undefined byte must not cost ten thousand good records: it becomes U+FFFD, names lose it later.
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        while piece:
            yield decoder.decode(piece).encode("utf-8", "replace")
            piece = self._read()
        yield decoder.decode(b"", True).encode("utf-8", "replace")

    def _read(self) -> bytes:
        """A piece of the file; whatever a disk, an archive or a stream raises becomes our error."""
        try:
            piece = self._file.read(PIECE)
        except RegistryFileError:
            raise
        except Exception as error:
            raise RegistryFileError(f"Файл не читается: {reasons.reading_words(error)}.") from error
        if not isinstance(piece, bytes | bytearray | memoryview):
            raise RegistryFileError("Файл открыт как текст: нужен двоичный поток.")
        piece = bytes(piece)
        if self._on_bytes and piece:
            self._on_bytes(piece)
        return piece


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
    """Also where a byte is damaged: in windows-1251 already the first Russian letters are no UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        return not head[: error.start].isascii()
    return True
