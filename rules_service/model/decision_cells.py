"""Cells of decision tables: anything, values, comparisons and intervals, in the literals of the language.

``-`` is anything; ``新增、延续`` one of several; ``!= 新增`` none of them; ``> 30万元``, ``<= 10pp``;
``[10pp..20pp)`` an interval whose square bracket includes the end and whose round one does not; ``是`` and
``否``. Instead of a literal stands ``param.x``; alone in its cell it is met as the parameter says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar
from rules_service.model.parameter_documents import ORDERED_KINDS
from rules_service.model.widths import narrow

__all__ = ["ANY", "CELL_KINDS", "OUTPUT_KINDS", "Cell", "Operand", "read_cell", "read_output"]

CELL_KINDS = ORDERED_KINDS | {"text", "code", "boolean"}
"""Kinds of inputs."""
OUTPUT_KINDS = CELL_KINDS
ANY = "-"
_INTERVAL = re.compile(r"([\[(])(.*)\.\.(.*)([\])])")
_COMPARISON = re.compile(r"(>=|<=|!=|==|>|<)(.*)")
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "!=", "＞": ">", "＜": "<"})
_SEPARATORS = re.compile("[、，,]")
_PARAMETER = re.compile(r"param\.(\w+)")
_TRUTHS = {"是": "true", "否": "false", "true": "true", "false": "false", "yes": "true", "no": "false"}
_MAX_VALUES = 100


class Operand(NamedTuple):
    """A literal of the input's kind, or the parameter that stands instead of it."""

    text: str
    parameter: str | None


class Cell(NamedTuple):
    """What a row demands of one input.

    ``form``: ``any``; ``among`` its operands; ``none`` of them; ``gt ge lt le`` its one operand; ``within``
    its two operands, ``closed`` says whether each end belongs to it.
    """

    form: str
    operands: tuple[Operand, ...] = ()
    closed: tuple[bool, bool] = (True, True)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it reads."""
        return tuple(one.parameter for one in self.operands if one.parameter is not None)


_FORMS = {">": "gt", ">=": "ge", "<": "lt", "<=": "le", "==": "among", "!=": "none"}


def read_cell(cell: Scalar, kind: str, found: Diagnostics) -> Cell | None:
    """The cell of an input of a kind; ``None`` after a diagnostic."""
    text = _plain(cell.text)
    if not text:
        found.add("DT-CELL-BLANK", cell.source)
        return None
    if text == ANY:
        return Cell("any")
    interval, comparison = _INTERVAL.fullmatch(text), _COMPARISON.fullmatch(text)
    if interval is not None:
        ends = _operands((interval[2], interval[3]), cell, kind, found)
        closed = (interval[1] == "[", interval[4] == "]")
        return Cell("within", ends, closed) if _ordered(cell, kind, found) and ends else None
    if comparison is None:
        return _among("among", text, cell, kind, found)
    form = _FORMS[comparison[1]]
    if form in {"among", "none"}:
        return _among(form, comparison[2], cell, kind, found)
    operands = _operands((comparison[2],), cell, kind, found)
    return Cell(form, operands) if _ordered(cell, kind, found) and operands else None


def _plain(text: str) -> str:
    return narrow(text).translate(_SIGNS).strip()


def _among(form: str, text: str, cell: Scalar, kind: str, found: Diagnostics) -> Cell | None:
    words = _SEPARATORS.split(text)
    if len(words) > _MAX_VALUES:
        found.add("DT-CELL-LONG", cell.source, limit=_MAX_VALUES)
        return None
    operands = _operands(words, cell, kind, found)
    return Cell(form, operands) if operands else None


def _ordered(cell: Scalar, kind: str, found: Diagnostics) -> bool:
    """Whether values of a kind have an order, without which they lie in no interval."""
    if kind not in ORDERED_KINDS:
        found.add("DT-CELL-ORDER", cell.source, text=cell.text[:40], kind=kind)
    return kind in ORDERED_KINDS


def _operands(
    texts: Sequence[str], cell: Scalar, kind: str, found: Diagnostics
) -> tuple[Operand, ...] | None:
    """The literals of a cell, each of its kind; ``None`` after a diagnostic."""
    operands = [_operand(text.strip(), cell, kind, found) for text in texts]
    known = tuple(one for one in operands if one is not None)
    return known if len(known) == len(operands) else None


def _operand(text: str, cell: Scalar, kind: str, found: Diagnostics) -> Operand | None:
    parameter = _PARAMETER.fullmatch(text)
    if parameter is not None:
        return Operand(text, parameter[1])
    literal = _TRUTHS.get(text.lower(), text) if kind == "boolean" else text
    try:
        parse_literal(kind, literal)
    except LiteralError as error:
        expected = "是" if kind == "boolean" else error.expected
        shown = (text or cell.text)[:40]
        found.add("DT-CELL-VALUE", cell.source, text=shown, kind=kind, expected=expected)
        return None
    return Operand(literal, None)


def read_output(cell: Scalar, kind: str, found: Diagnostics) -> Operand | None:
    """What a row says: a literal of the output's kind; with ``param.`` in it an expression of parameters.

    Of an expression ``parameter`` is blank. ``None`` after a diagnostic.
    """
    text = cell.text.strip()
    if not text:
        found.add("DT-CELL-BLANK", cell.source)
        return None
    if _PARAMETER.search(text) is not None:
        return Operand(text, "")
    return _operand(narrow(text) if kind not in {"text", "code"} else text, cell, kind, found)
