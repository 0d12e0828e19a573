"""Cells of decision tables as expressions, which the checker of the language types like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules_service.language.tree import Expr
from rules_service.language.typed import ParameterType
from rules_service.model.decision_cells import Cell, Operand

__all__ = ["condition", "literal"]

_COMPARED = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def condition(value: Expr, cell: Cell, kind: str, parameters: Mapping[str, ParameterType]) -> Expr:
    """What a cell, which is not ``any``, demands of a value of a kind."""
    if cell.form == "within":
        low, high = (literal(operand, kind) for operand in cell.operands)
        above = Expr("binary", ">=" if cell.closed[0] else ">", (value, low))
        below = Expr("binary", "<=" if cell.closed[1] else "<", (value, high))
        return Expr("logic", "&&", (above, below))
    if cell.form in _COMPARED:
        return Expr("binary", _COMPARED[cell.form], (value, literal(cell.operands[0], kind)))
    among = _among(value, cell.operands, kind, parameters)
    return among if cell.form == "among" else Expr("unary", "!", (among,))


def _among(
    value: Expr, operands: Sequence[Operand], kind: str, parameters: Mapping[str, ParameterType]
) -> Expr:
    """Whether a value is one of some."""
    plain = tuple(literal(one, kind) for one in operands if one.parameter is None)
    if kind == "boolean" or len(plain) == 1:
        parts = [_equal(value, one) for one in plain]
    else:
        parts = [Expr("binary", "in", (value, Expr("items", "", plain)))] if plain else []
    parts += [_met(value, one, parameters) for one in operands if one.parameter is not None]
    return parts[0] if len(parts) == 1 else Expr("logic", "||", tuple(parts))


def _equal(value: Expr, other: Expr) -> Expr:
    if other.form == "truth":
        return value if other.value == "true" else Expr("unary", "!", (value,))
    return Expr("binary", "==", (value, other))


def _met(value: Expr, operand: Operand, parameters: Mapping[str, ParameterType]) -> Expr:
    """A parameter alone: met as it says, else equal to it or among its items."""
    known = parameters.get(operand.parameter or "")
    if known is not None and known.operator:
        return Expr("call", "meets", (value, literal(operand, "")))
    is_list = known is not None and known.kind == "list"
    return Expr("binary", "in" if is_list else "==", (value, literal(operand, "")))


def literal(operand: Operand, kind: str) -> Expr:
    """A literal as the grammar of expressions writes it, or the parameter that stands instead of it."""
    text = operand.text
    if operand.parameter is not None:
        return Expr("select", operand.parameter, (Expr("name", "param"),))
    if kind == "boolean":
        return Expr("truth", text)
    if kind == "date":
        return Expr("call", "date", (Expr("text", text),))
    if kind in {"code", "text"}:
        return Expr("text", text)
    if text.startswith("-"):
        return Expr("unary", "-", (Expr("number", text[1:]),))
    return Expr("number", text)
