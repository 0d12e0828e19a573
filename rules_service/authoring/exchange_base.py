"""The files that a workbook was exported from, carried in it as text to tell edits from the rest."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rules_service.compile.archive import MAX_ARCHIVE_BYTES, BundleFormatError, content_hash, pack, unpack

__all__ = ["base_files", "base_lines"]

_NAME: Final = ("exchange", "1")
_LINE: Final = 8000
"""Characters of a cell."""


def base_lines(files: Mapping[str, bytes]) -> Iterator[str]:
    """The files as lines of text."""
    text = base64.b64encode(zlib.compress(pack(*_NAME, files), 9)).decode("ascii")
    yield from (text[start : start + _LINE] for start in range(0, len(text), _LINE))


def base_files(lines: Iterable[str], digest: str) -> dict[str, bytes] | None:
    """The files again; ``None`` if they are not whole or not those with this hash."""
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b64decode("".join(lines), validate=True)
        data = unpacker.decompress(packed, MAX_ARCHIVE_BYTES)
        if not unpacker.eof or unpacker.unused_data:
            return None
        _, _, _, files = unpack(data)
    except (binascii.Error, ValueError, zlib.error, BundleFormatError):
        return None
    return files if content_hash(files) == digest else None
