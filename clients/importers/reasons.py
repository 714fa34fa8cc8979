"""Why a file was not read, in words for the operator: what disks, ZIP and libxml2 say is English."""

from __future__ import annotations

import errno
import os
import re
import zipfile
import zlib
from pathlib import Path

_DISK = {
    errno.EACCES: "нет прав на чтение", errno.EPERM: "нет прав на чтение", errno.ENOENT: "файла уже нет",
    errno.EIO: "диск отвечает ошибкой", errno.ESTALE: "сетевая папка отключилась", errno.ELOOP: "ссылка ведет на саму себя",
    errno.EISDIR: "это папка", errno.ENAMETOOLONG: "слишком длинное имя", errno.ENOSPC: "нет места на диске",
}  # fmt: skip
_MARKUP = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"invalid (xmlChar|character|char)|InvalidChar|out of allowed range", "недопустимый символ"),
        (r"not proper UTF-8|encoding|Input is not", "байты не в той кодировке, что объявлена"),
        (r"tag mismatch", "открыт один тег, закрыт другой"),
        (r"entity", "неизвестная сущность"),
        (r"extra content|declaration allowed only", "за концом документа стоит лишнее"),
        (r"premature end|no element found|unclosed|couldn't find end|end tag|unfinished", "файл кончается раньше времени"),
        (r"attvalue|attribute|attributes construct|specification mandate", "атрибут не закончен: файл обрезан или кавычка потеряна"),
    )
)  # fmt: skip
_LINE = re.compile(r"line (\d+), column (\d+)")


def disk_words(error: OSError) -> str:
    return _DISK.get(error.errno, f"ошибка диска {error.errno or type(error).__name__}")


def reading_words(error: Exception) -> str:
    """Of anything that a file or a ZIP raises while it is read."""
    said = str(error).lower()
    if isinstance(error, zipfile.BadZipFile):
        if "crc" in said:
            return "контрольная сумма в архиве не сошлась"
        return "это не ZIP или он обрезан" if "not a zip" in said else "оглавление архива испорчено"
    if isinstance(error, RuntimeError) and ("password" in said or "encrypted" in said):
        return "он закрыт паролем"
    if isinstance(error, NotImplementedError):
        return "способ сжатия не поддерживается, упакуйте обычным ZIP"
    if isinstance(error, (zlib.error, EOFError)):
        return "сжатые данные испорчены или обрезаны"
    if isinstance(error, OSError) and error.errno:
        return disk_words(error)
    return str(error)[:150] or type(error).__name__


def markup_words(error: Exception, lines_before: int = 0) -> str:
    """«недопустимый символ, строка 12, место 40»: what libxml2 found, with the lines that were parsed before it began."""
    text = str(error).strip()
    words = next((words for pattern, words in _MARKUP if pattern.search(text)), "нарушена разметка XML")
    place = _LINE.search(text)
    return f"{words}, строка {int(place[1]) + lines_before}, место {place[2]}" if place and int(place[1]) else words


def shown(path: str | os.PathLike) -> str:
    """A name on the disk as text: old archivers leave Russian names in cp866 or windows-1251, which nothing can print."""
    return name_of(os.fsencode(path))


def name_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    for encoding in ("cp866", "cp1251"):
        text = raw.decode(encoding, "replace")
        if all(char.isascii() or "А" <= char <= "я" or char in "Ёё№" for char in text):
            return text
    return raw.decode("utf-8", "replace")


def base_name(path: Path) -> str:
    return shown(path.name)
