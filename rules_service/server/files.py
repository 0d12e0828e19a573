"""Writes small files in one step, so that whoever waits for them never reads half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["write_at_once"]


def write_at_once(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``; a reader sees the old file, none, or the whole new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
