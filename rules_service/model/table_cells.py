"""Typed cells of tables: numbers, days and words as people's spreadsheets write them, or a diagnostic.

Full-width digits (２０１６), separators of thousands (1,200) and the spreadsheets' forms of dates (2016/7/1,
2016年7月1日) are read; everything else is as strict as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar
from rules_service.model.widths import narrow

__all__ = ["day_cell", "number_cell", "word_cell"]

_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:/|-|年)(\d{1,2})(?:/|-|月)(\d{1,2})日?", re.ASCII)


def number_cell(kind: str, cell: Scalar, diagnostics: Diagnostics) -> int | None:
    """The value of a cell as ``kind`` (architecture §1), ``None`` if it is blank or none."""
    if not cell.text:
        return None
    text = narrow(cell.text)
    return _value(kind, text.replace(",", "") if _GROUPED.fullmatch(text) else text, cell, diagnostics)


def day_cell(cell: Scalar, diagnostics: Diagnostics) -> int | None:
    """The day number of a cell, ``None`` if it is blank or no day."""
    if not cell.text:
        return None
    text = narrow(cell.text)
    match = _DATE.fullmatch(text)
    if match is not None:
        text = f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    return _value("date", text, cell, diagnostics)


def word_cell(cell: Scalar, allowed: Collection[str], diagnostics: Diagnostics) -> str:
    """The word of a cell, which is one of ``allowed``; a fault else."""
    text = narrow(cell.text)
    if text not in allowed:
        shown = "、".join(word or "（空）" for word in sorted(allowed))
        diagnostics.add("DOC-NOT-ONE-OF", cell.source, text=cell.text[:40], allowed=shown)
    return text


def _value(kind: str, text: str, cell: Scalar, diagnostics: Diagnostics) -> int | None:
    try:
        return int(parse_literal(kind, text))
    except LiteralError as error:
        diagnostics.add("VALUE-TEXT", cell.source, text=cell.text[:40], kind=kind, expected=error.expected)
        return None
