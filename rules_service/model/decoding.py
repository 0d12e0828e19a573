"""Bytes of a ruleset file to text: UTF-8 without byte order mark, tabs and control characters."""

from __future__ import annotations

import re

from rules_service.model.diagnostics import Diagnostics, Source

__all__ = ["MAX_FILE_BYTES", "decode"]

MAX_FILE_BYTES = 2 * 1024 * 1024

# Control characters, and the line and paragraph separators that editors show as nothing.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BOM = b"\xef\xbb\xbf"


def decode(path: str, content: bytes, diagnostics: Diagnostics, *, tabs: bool = False) -> str | None:
    """The text of a file, with LF line ends; ``None`` when it cannot be read any further.

    Tabs are refused unless ``tabs``.
    """
    if len(content) > MAX_FILE_BYTES:
        diagnostics.add("FILE-TOO-LARGE", Source(path, 1, 1), size=len(content), limit=MAX_FILE_BYTES)
        return None
    if content.startswith(_BOM):
        diagnostics.add("FILE-BOM", Source(path, 1, 1))
        content = content[len(_BOM) :]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        begin = content.rfind(b"\n", 0, error.start) + 1
        column = len(content[begin : error.start].decode("utf-8", "replace")) + 1
        code = "FILE-GBK" if _is_gbk(content) else "FILE-NOT-UTF8"
        diagnostics.add(code, Source(path, line, column))
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    usable = True
    for number, row in enumerate(text.split("\n"), start=1):
        if not tabs and "\t" in row:
            diagnostics.add("FILE-TAB", Source(path, number, row.index("\t") + 1))
        match = _FORBIDDEN.search(row)
        if match is not None:
            usable = False
            source = Source(path, number, match.start() + 1)
            diagnostics.add("FILE-CONTROL-CHARACTER", source, character=f"U+{ord(match[0]):04X}")
    return text if usable else None


def _is_gbk(content: bytes) -> bool:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
