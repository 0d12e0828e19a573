"""Whether a workbook may be opened at all: its size, macros, links to other files and XML declarations.

A workbook is a hostile archive until checked, so this looks at its parts before anything in them is parsed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.table_limits import MAX_BYTES, MAX_PARTS, MAX_UNPACKED

__all__ = ["PARSER_FAULTS", "checked_workbook", "is_workbook"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # the older .xls, and every workbook with a password
_MACROS = re.compile(r"vbaProject|macrosheets?/|activeX|ctrlProps/|customUI/|\.bin$", re.IGNORECASE)
_HARMLESS = re.compile(r"printerSettings/[^/]*\.bin$", re.IGNORECASE)
_LINKS = re.compile(r"externalLinks/|embeddings/|connections\.xml$|queryTables/", re.IGNORECASE)
_PICTURES = re.compile(r"\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|bin)$", re.IGNORECASE)
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

PARSER_FAULTS = (
    *(zipfile.BadZipFile, OSError, ValueError, TypeError, LookupError, AttributeError, SyntaxError),
    *(ArithmeticError, AssertionError, RuntimeError, EOFError, zlib.error),
)
"""What the libraries raise for files that are no proper workbook."""


def is_workbook(content: bytes) -> bool:
    """Whether the bytes are a workbook of some kind, readable or not."""
    return content.startswith((_ZIP, _OLE))


def checked_workbook(path: str, content: bytes, diagnostics: Diagnostics) -> io.BytesIO | None:
    """The workbook packed anew from its checked parts, without pictures; ``None`` after a fault.

    What is parsed later is so exactly what was looked at, whatever sizes the archive claims.
    """
    place = Source(path, 1, 1)
    if len(content) > MAX_BYTES:
        diagnostics.add("FILE-TOO-LARGE", place, size=len(content), limit=MAX_BYTES)
        return None
    if content.startswith(_OLE):
        diagnostics.add("TABLE-OLD-WORKBOOK", place)
        return None
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(packed, "w") as checked:
            parts = {part.filename: part for part in archive.infolist()}
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts.values()) > MAX_UNPACKED:
                diagnostics.add("TABLE-UNPACKED", place, limit=MAX_UNPACKED, parts=MAX_PARTS)
                return None
            for name, part in parts.items():
                data = _data(archive, part)
                code = _refused(name, data)
                if code:
                    diagnostics.add(code, place, part=name[:80])
                    return None
                checked.writestr(name, data)
    except PARSER_FAULTS as error:
        diagnostics.add("TABLE-WORKBOOK", place, problem=type(error).__name__)
        return None
    return packed


def _data(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """What a part holds, never more than the size it declares; nothing of a picture."""
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise zipfile.BadZipFile
    if _PICTURES.search(part.filename):
        return b""
    with archive.open(part) as file:
        return file.read(part.file_size)


def _refused(name: str, data: bytes) -> str:
    """Why a part spoils the workbook, "" if it does not."""
    if _MACROS.search(name) and not _HARMLESS.search(name):
        return "TABLE-MACROS"
    if _LINKS.search(name):
        return "TABLE-LINKS"
    # Declarations can blow up or pull in files; wide encodings would hide them from this search.
    if _DECLARATION.search(data) or b"\x00" in data:
        return "TABLE-DECLARATION"
    if name.endswith("[Content_Types].xml") and b"macroEnabled" in data:
        return "TABLE-MACROS"
    return ""
