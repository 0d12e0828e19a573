"""Kinds of numbers: literals with units, arithmetic and comparisons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules_service.language.checker_codes import as_codes
from rules_service.language.formatting import write
from rules_service.language.tree import Expr
from rules_service.language.typed import Node
from rules_service.language.words import kind_word
from rules_service.values.kinds import (
    BOOLEAN,
    COLLECTIVE,
    MONEY,
    NUMBER,
    POINTS,
    RATE,
    Base,
    Kind,
    add_kinds,
    divide_kinds,
    multiply_kinds,
    subtract_kinds,
    unify,
)
from rules_service.values.numbers import DECIMALS

if TYPE_CHECKING:
    from rules_service.language.checker import Checker

__all__ = ["COMPARISONS", "arithmetic", "comparison", "literal", "negative", "order_of"]

COMPARISONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRROR = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_ARITHMETIC = {
    "+": ("add", add_kinds),
    "-": ("sub", subtract_kinds),
    "*": ("mul", multiply_kinds),
    "/": ("div", divide_kinds),
}
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?(.*)")
_FEN = {"亿元": 10, "万元": 6, "元": 2, "分": 0}  # powers of ten
_ORDERED = frozenset({Base.DATE})
_UNIT_NEEDED = {Base.MONEY: "E202", Base.RATE: "E203", Base.POINTS: "E204"}


def literal(checker: Checker, expr: Expr) -> Node | None:
    """A number with or without a unit, as an exact integer and its scale."""
    match = _NUMBER.fullmatch(expr.value)
    assert match is not None, "the grammar lets no other number through"
    whole, fraction, unit = match[1], match[2] or "", match[3]
    if len(whole) > 18 or len(fraction) > DECIMALS:
        return checker.reporter.add("E110", expr.at, text=expr.value[:40])
    value, decimals = int(whole + fraction), len(fraction)
    if not unit:
        return Node("const", Kind(NUMBER.base, decimals), data=value)
    if unit in _FEN:
        power = _FEN[unit] - decimals
        scale = max(-power, 0)
        if scale > 10:
            return checker.reporter.add("E110", expr.at, text=expr.value[:40])
        return Node("const", Kind(MONEY.base, scale), data=value * 10 ** max(power, 0))
    power = DECIMALS - 2 - decimals
    if power < 0:
        return checker.reporter.add("E110", expr.at, text=expr.value[:40])
    return Node("const", RATE if unit == "%" else POINTS, data=value * 10**power)


def negative(checker: Checker, expr: Expr) -> Node | None:
    """``-x`` of a number."""
    arg = checker.node(expr.args[0])
    if arg is None:
        return None
    if not arg.kind.numeric:
        return checker.reporter.add("E211", expr.at, **kind_word("kind", arg.kind))
    if arg.op == "const" and isinstance(arg.data, int):
        return Node("const", arg.kind, data=-arg.data)
    return Node("neg", arg.kind, (arg,))


def arithmetic(checker: Checker, expr: Expr) -> Node | None:
    """``+ - * /`` of kinds that go together."""
    left, right = checker.node(expr.args[0]), checker.node(expr.args[1])
    if left is None or right is None:
        return None
    op, table = _ARITHMETIC[expr.value]
    kind = table(left.kind, right.kind)
    if kind is None:
        _mismatch(checker, expr, left.kind, right.kind, "E210")
        return None
    return Node(op, kind, (left, right), write(expr.args[1], checker.names) if op == "div" else None)


def comparison(checker: Checker, expr: Expr) -> Node | None:
    """``== != < <= > >=`` of kinds that go together."""
    left, right = checker.node(expr.args[0]), checker.node(expr.args[1])
    if left is None or right is None:
        return None
    for arg, node in zip(expr.args, (left, right), strict=True):
        threshold = node.args[0] if node.op == "at_point" else node
        if threshold.op == "param" and checker.env.parameters[str(threshold.data)].operator:
            return checker.reporter.add("E301", arg.at, name=str(threshold.data))
    return order_of(checker, expr, COMPARISONS[expr.value], (left, right))


def order_of(
    checker: Checker, expr: Expr, op: str, sides: tuple[Node, Node], parameter: str | None = None
) -> Node | None:
    """A comparison of two nodes, after the check of their kinds."""
    left, right = as_codes(checker, sides, expr.args)
    kind = unify(left.kind, right.kind)
    if kind is None or kind.base in COLLECTIVE:
        _mismatch(checker, expr, left.kind, right.kind, "E201")
        return None
    if op not in {"eq", "ne"} and not (kind.numeric or kind.base in _ORDERED):
        return checker.reporter.add("E212", expr.at, **kind_word("kind", kind))
    return Node(op, BOOLEAN, (left, right), parameter)


def _mismatch(checker: Checker, expr: Expr, left: Kind, right: Kind, general: str) -> None:
    """The most telling of the texts for two kinds that do not go together."""
    code = general
    pair = {left.base, right.base}
    if Base.LIST in pair:
        code = "E208"
    elif pair == {Base.CODE, Base.TEXT}:
        code = "E206"
    elif pair == {Base.RATE, Base.POINTS}:
        code = "E205"
    elif Base.NUMBER in pair and len(pair) == 2:
        code = _UNIT_NEEDED.get(next(iter(pair - {Base.NUMBER})), general)
    elif expr.value == "+" and pair & {Base.TEXT, Base.CODE}:
        code = "E213"
    checker.reporter.add(
        code, expr.at, operator=expr.value, **kind_word("left", left), **kind_word("right", right)
    )
