"""Bytes of a ruleset file to text: UTF-8 without byte order mark, tabs and control characters.

Tables come out of spreadsheets: they may have a byte order mark or be in GBK.
"""

from __future__ import annotations

import re

from rules_service.model.diagnostics import Diagnostics, Source

__all__ = ["FORBIDDEN", "MAX_FILE_BYTES", "decode", "decode_table"]

MAX_FILE_BYTES = 2 * 1024 * 1024

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Control characters, and the line and paragraph separators that editors show as nothing."""
_BOM = b"\xef\xbb\xbf"
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
# Characters for private use, where GB 18030 puts whatever it has no character for.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def decode(path: str, content: bytes, diagnostics: Diagnostics, *, tabs: bool = False) -> str | None:
    """The text of a file, with LF line ends; ``None`` when it cannot be read any further.

    Tabs are refused unless ``tabs``.
    """
    if _too_large(path, content, MAX_FILE_BYTES, diagnostics):
        return None
    if content.startswith(_BOM):
        diagnostics.add("FILE-BOM", Source(path, 1, 1))
        content = content[len(_BOM) :]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        code = "FILE-NOT-UTF8" if _as_gbk(content) is None else "FILE-GBK"
        diagnostics.add(code, _place(path, content, error.start))
        return None
    text = _lines(text)
    usable = True
    for number, row in enumerate(text.split("\n"), start=1):
        if not tabs and "\t" in row:
            diagnostics.add("FILE-TAB", Source(path, number, row.index("\t") + 1))
        match = FORBIDDEN.search(row)
        if match is not None:
            usable = False
            source = Source(path, number, match.start() + 1)
            diagnostics.add("FILE-CONTROL-CHARACTER", source, character=f"U+{ord(match[0]):04X}")
    return text if usable else None


def decode_table(path: str, content: bytes, diagnostics: Diagnostics, limit: int) -> str | None:
    """The text of a CSV file, with LF line ends; ``None`` when it cannot be read.

    A byte order mark is passed over.  What is not UTF-8 is read as GBK, and a warning says so.
    """
    if _too_large(path, content, limit, diagnostics):
        return None
    content = content.removeprefix(_BOM)
    try:
        return _lines(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        text = _as_gbk(content)
        if text is None:
            diagnostics.add("FILE-NOT-UTF8", _place(path, content, error.start))
            return None
        diagnostics.add("FILE-GBK-READ", Source(path, 1, 1))
        return _lines(text)


def _too_large(path: str, content: bytes, limit: int, diagnostics: Diagnostics) -> bool:
    if len(content) > limit:
        diagnostics.add("FILE-TOO-LARGE", Source(path, 1, 1), size=len(content), limit=limit)
        return True
    return False


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _place(path: str, content: bytes, offset: int) -> Source:
    line = content.count(b"\n", 0, offset) + 1
    begin = content.rfind(b"\n", 0, offset) + 1
    return Source(path, line, len(content[begin:offset].decode("utf-8", "replace")) + 1)


def _as_gbk(content: bytes) -> str | None:
    """The text in GBK (GB 18030), if that is what it is rather than damaged UTF-8 or something else.

    GB 18030 reads almost any bytes: UTF-8 with one broken character still shows its ideographs when read
    as UTF-8, and other encodings come out as characters for private use.
    """
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    kept = content.decode("utf-8", "replace")
    if _PRIVATE.search(text) or b"\x00" in content or len(_IDEOGRAPH.findall(kept)) > kept.count("\ufffd"):
        return None
    return text
