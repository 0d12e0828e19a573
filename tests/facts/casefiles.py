r"""Reads the case tables of texts and quantities; ``\n`` and ``\u200b`` in a cell are the characters."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

TESTDATA = Path(__file__).resolve().parents[1] / "testdata"
WORDLISTS = Path(__file__).resolve().parents[2] / "rulesets" / "national" / "wordlists"
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|([nrt]))")


def table(path: str) -> list[dict[str, str]]:
    """The rows of ``tests/testdata/<path>`` as texts."""
    with (TESTDATA / path).open(encoding="utf-8", newline="") as stream:
        return [{key: unescaped(cell) for key, cell in row.items()} for row in csv.DictReader(stream)]


def params(path: str) -> list[object]:
    """One parameter a row, named after its first cell and its line."""
    rows = table(path)
    return [pytest.param(row, id=f"{line}-{next(iter(row.values()))}") for line, row in enumerate(rows, 2)]


def wordlist(name: str) -> list[dict[str, str]]:
    """The rows of a CSV word list of the national ruleset."""
    with (WORDLISTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def unescaped(cell: str) -> str:
    """The cell with its escapes resolved."""
    return _ESCAPE.sub(
        lambda m: chr(int(m[1], 16)) if m[1] else {"n": "\n", "r": "\r", "t": "\t"}[m[2]], cell
    )
