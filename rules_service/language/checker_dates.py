"""Kinds of functions of dates: literals, shifts by months and working days, tables of days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules_service.language.formatting import write
from rules_service.language.reporting import Refused
from rules_service.language.tree import Expr
from rules_service.language.typed import Node
from rules_service.language.words import kind_word
from rules_service.values.dates import DateSyntaxError, parse_date
from rules_service.values.kinds import BOOLEAN, DATE, Base, Kind

if TYPE_CHECKING:
    from rules_service.language.checker import Checker

__all__ = ["date_literal", "is_whole", "of_date", "of_table", "wrong"]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def date_literal(checker: Checker, expr: Expr) -> Node | None:
    """``date("2024-01-31")``."""
    arg = expr.args[0]
    if arg.form == "text" and _DAY.fullmatch(arg.value):
        try:
            return Node("const", DATE, data=parse_date(arg.value))
        except DateSyntaxError:
            pass
    return checker.reporter.add("E113", arg.at)


def of_date(checker: Checker, expr: Expr, args: tuple[Node, ...]) -> Node | None:
    """A function of a date, and perhaps of a whole number."""
    if args[0].kind.base is not Base.DATE:
        return wrong(checker, expr, args[0].kind)
    if len(args) == 1:
        return Node(expr.value, BOOLEAN, args)
    if not is_whole(args[1].kind):
        return wrong(checker, expr, args[1].kind)
    return Node(expr.value, DATE, args, write(expr, checker.names))


def of_table(checker: Checker, expr: Expr) -> Node | None:
    """What a table of days says at a date, or whether its first day of the year has come."""
    table, day = checker.node(expr.args[0]), checker.node(expr.args[1])
    if table is None or day is None:
        return None
    if table.kind.base is not Base.TABLE or table.op != "param":
        return checker.reporter.add("E310", expr.args[0].at, **kind_word("kind", table.kind))
    if day.kind.base is not Base.DATE:
        return wrong(checker, expr, day.kind)
    if expr.value == "point_reached":
        return Node("point_reached", BOOLEAN, (table, day))
    element = table.kind.element
    assert element is not None, "a table has an element kind"
    return Node("at_point", element.as_ratio(), (table, day))


def is_whole(kind: Kind) -> bool:
    """Whether a kind holds whole numbers."""
    return kind.base in {Base.COUNT, Base.NUMBER} and kind.scale == 0 and not kind.ratio


def wrong(checker: Checker, expr: Expr, kind: Kind) -> Refused:
    """An argument of a kind that the function does not take."""
    return checker.reporter.add("E217", expr.at, name=expr.value, **kind_word("kind", kind))
