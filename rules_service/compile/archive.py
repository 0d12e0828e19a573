"""The bundle file: a deterministic archive of a ruleset's files, and its strict reading.

A bundle is a zip archive without compression: any tool opens it, and nothing can swell on unpacking. Its
first entry, ``manifest.json``, names the ruleset and the SHA-256 of each file; times, attributes and order
are fixed, so that equal rulesets give equal bytes. Reading accepts exactly what writing makes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

__all__ = ["MANIFEST", "MAX_ARCHIVE_BYTES", "BundleFormatError", "content_hash", "pack", "unpack"]

MANIFEST = "manifest.json"
FORMAT = 1
MAX_ARCHIVE_BYTES = 80 * 1024 * 1024
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_PATH = re.compile(r"[^/\\\x00-\x1f:]+(/[^/\\\x00-\x1f:]+)*")


class BundleFormatError(ValueError):
    """A bundle file that was altered or is no bundle; ``code`` is a diagnostic of this package."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values


def content_hash(files: Mapping[str, bytes]) -> str:
    r"""SHA-256 over the sorted lines ``path\0sha256(content)``: the hash of a bundle."""
    lines = (f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n" for path in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def pack(bundle_id: str, version: str, files: Mapping[str, bytes]) -> bytes:
    """The bytes of a bundle; the same files always give the same bytes."""
    manifest = {
        "files": {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)},
        "format": FORMAT,
        "hash": content_hash(files),
        "id": bundle_id,
        "version": version,
    }
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, content in [(MANIFEST, text.encode()), *((path, files[path]) for path in sorted(files))]:
            info = zipfile.ZipInfo(path, _TIME)
            info.create_system = 3
            info.external_attr = _MODE
            archive.writestr(info, content)
    return stream.getvalue()


def unpack(data: bytes) -> tuple[str, str, str, dict[str, bytes]]:
    """Id, version, hash and files; raises ``BundleFormatError`` for anything that ``pack`` never makes."""
    if len(data) > MAX_ARCHIVE_BYTES:
        raise BundleFormatError("BUNDLE-TOO-LARGE", limit=MAX_ARCHIVE_BYTES)
    entries = _entries(data)
    manifest = _manifest(entries.pop(MANIFEST, None))
    named: dict[str, str] = manifest["files"]
    for path in sorted(named.keys() | entries.keys()):
        if path not in entries:
            raise BundleFormatError("BUNDLE-MISSING-FILE", path=path)
        if path not in named:
            raise BundleFormatError("BUNDLE-EXTRA-FILE", path=path)
        if hashlib.sha256(entries[path]).hexdigest() != named[path]:
            raise BundleFormatError("BUNDLE-ALTERED-FILE", path=path)
    if content_hash(entries) != manifest["hash"]:
        raise BundleFormatError("BUNDLE-HASH")
    # whatever else a zip can hide (comments, data before or between entries, flags) changes the bytes
    if pack(manifest["id"], manifest["version"], entries) != data:
        raise BundleFormatError("BUNDLE-NOT-CANONICAL")
    return manifest["id"], manifest["version"], manifest["hash"], entries


def _entries(data: bytes) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.filename in entries:
                    raise BundleFormatError("BUNDLE-DUPLICATE-FILE", path=info.filename)
                if not _safe(info.orig_filename):
                    raise BundleFormatError("BUNDLE-PATH", path=info.filename)
                if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
                    raise BundleFormatError("BUNDLE-COMPRESSED", path=info.filename)
                entries[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        if isinstance(error, BundleFormatError):
            raise
        raise BundleFormatError("BUNDLE-NOT-ARCHIVE") from error
    return entries


def _safe(path: str) -> bool:
    parts = path.split("/")
    tricks = any(part in {".", ".."} or part != part.strip() for part in parts)
    return _PATH.fullmatch(path) is not None and not tricks


def _manifest(content: bytes | None) -> dict[str, Any]:
    if content is None:
        raise BundleFormatError("BUNDLE-NO-MANIFEST")
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        raise BundleFormatError("BUNDLE-NO-MANIFEST") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleFormatError("BUNDLE-NO-MANIFEST")
    texts = [manifest.get(key) for key in ("id", "version", "hash")]
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in [*texts, *files.values()]):
        raise BundleFormatError("BUNDLE-NO-MANIFEST")
    return manifest
