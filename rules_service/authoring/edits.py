"""Small changes of an expression, each of which a good set of rule tests must notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from rules_service.language.formatting import write
from rules_service.language.tree import Expr
from rules_service.model.catalogue import Catalogue

__all__ = ["Edit", "Names", "edits"]

_COMPARISONS: Final[Mapping[str, str]] = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
}
_LOGIC: Final[Mapping[str, str]] = {"&&": "||", "||": "&&"}
_QUANTIFIERS: Final[Mapping[str, str]] = {"all": "exists", "exists": "all"}
_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(亿元|万元|元|分|%|pp)?")
_YUAN: Final[Mapping[str, int]] = {"亿元": 10**8, "万元": 10**4, "元": 1}
_FINE: Final = Decimal("0.01")
_FINE_KINDS: Final = frozenset({"rate", "ratio<rate>", "points", "quantity", "score", "price"})

KindOf = Callable[[str], str]
"""The kind of a parameter by its id."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: ``kind`` is what was changed, ``before`` and ``after`` the part, ``root`` the whole."""

    kind: str
    before: str
    after: str
    root: Expr


@dataclass(frozen=True, slots=True)
class Names:
    """What an edit must know of names: the author's named values, and the kinds of parameters."""

    lets: Mapping[str, Expr]
    parameter_kind: KindOf


def edits(root: Expr, names: Names) -> Iterator[Edit]:
    """All changes of an expression, in source order: operators, ``!``, guards, words, numbers."""
    yield from _within(root, names, lambda expr: expr)


def _within(expr: Expr, names: Names, put: Callable[[Expr], Expr]) -> Iterator[Edit]:
    """The changes of a node and of everything below it; ``put`` puts a node in its place in the whole."""
    for kind, after in _of_node(expr, names):
        yield Edit(kind, write(expr, {}), write(after, {}), put(after))
    for position, arg in enumerate(expr.args):

        def inside(node: Expr, position: int = position) -> Expr:
            args = (*expr.args[:position], node, *expr.args[position + 1 :])
            return put(replace(expr, args=args))

        yield from _within(arg, names, inside)


def _of_node(expr: Expr, names: Names) -> Iterator[tuple[str, Expr]]:
    match expr.form:
        case "binary":
            if expr.value in _COMPARISONS:
                yield "operator", replace(expr, value=_COMPARISONS[expr.value])
            yield from (("threshold", after) for after in _numbers(expr, names))
        case "logic":
            yield from _joints(expr)
            yield from _guards(expr)
        case "unary" if expr.value == "!":
            yield "negation", expr.args[0]
        case "macro" if expr.value in _QUANTIFIERS:
            yield "operator", replace(expr, value=_QUANTIFIERS[expr.value])
        case "items" if len(expr.args) > 1:
            for position in range(len(expr.args)):
                yield "word", replace(expr, args=expr.args[:position] + expr.args[position + 1 :])
        case "call" if expr.value == "date":
            day = date.fromisoformat(expr.args[0].value)
            for other in (day - timedelta(1), day + timedelta(1)):
                yield "threshold", replace(expr, args=(replace(expr.args[0], value=other.isoformat()),))
        case "call" if expr.value in {"months_after", "failed_in_a_row"}:
            for moved in _moved(expr.args[-1], whole=True):
                yield "threshold", replace(expr, args=(*expr.args[:-1], moved))
        case _:
            pass


def _joints(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """Each ``&&`` of a chain as ``||``, and the other way round."""
    for cut in range(1, len(expr.args)):
        sides = (_chain(expr, expr.args[:cut]), _chain(expr, expr.args[cut:]))
        yield "operator", replace(expr, value=_LOGIC[expr.value], args=sides)


def _guards(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """The chain without one of the questions whether something is there."""
    for position, arg in enumerate(expr.args):
        asked = arg.args[0] if arg.form == "unary" and arg.value == "!" else arg
        if asked.form == "call" and asked.value == "has":
            yield "guard", _chain(expr, expr.args[:position] + expr.args[position + 1 :])


def _chain(expr: Expr, args: tuple[Expr, ...]) -> Expr:
    return args[0] if len(args) == 1 else replace(expr, args=args)


def _numbers(expr: Expr, names: Names) -> Iterator[Expr]:
    """The numbers beside an operator, one smallest step up and down."""
    for position, arg in enumerate(expr.args):
        other = expr.args[1 - position]
        for moved in _moved(arg, whole=_is_whole(other, names)):
            args = (moved, other) if position == 0 else (other, moved)
            yield replace(expr, args=args)


def _moved(expr: Expr, *, whole: bool) -> Iterator[Expr]:
    """A literal one smallest step down, and one up."""
    negative = expr.form == "unary" and expr.value == "-"
    number = expr.args[0] if negative else expr
    match = _NUMBER.fullmatch(number.value) if number.form == "number" else None
    if match is None:
        return
    value, unit = Decimal(match[1]), match[2] or ""
    if unit in _YUAN:
        value, unit = value * _YUAN[unit], "元"
    step = Decimal(1) if unit == "分" or (not unit and whole) else _FINE
    if negative:
        value = -value
    for after in (value - step, value + step):
        literal = replace(number, value=f"{abs(after):f}{unit}")
        yield Expr("unary", "-", (literal,), at=expr.at) if after < 0 else literal


def _is_whole(expr: Expr, names: Names) -> bool:
    """Whether an expression has whole numbers only."""
    form, value = expr.form, expr.value
    if form == "number":
        return "." not in value
    if form == "name":
        return value not in names.lets or _is_whole(names.lets[value], names)
    if form == "select":
        return _kind(expr, names) not in _FINE_KINDS
    if value in {"/", "avg"}:
        return False
    if value in {"size", "meets"}:
        return True
    among = expr.args[1:] if form == "cond" or value == "map" else expr.args
    return all(_is_whole(arg, names) for arg in among)


def _kind(expr: Expr, names: Names) -> str:
    """The kind of a fact or parameter; of a macro's variable that of any fact with the short name."""
    path = write(expr, {})
    if path.startswith("param."):
        return names.parameter_kind(path.removeprefix("param."))
    catalogue = Catalogue.load()
    fact = catalogue.get(path) or catalogue.by_zh(path)
    if fact is not None:
        return fact.element or fact.kind
    short = path.partition(".")[2]
    kinds = {fact.element or fact.kind for fact in catalogue if fact.short == short}
    return next(iter(kinds & _FINE_KINDS), "")
