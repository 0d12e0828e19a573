"""Kinds of functions, methods and macros."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import re2

from rules_service.language.checker_codes import code_literal, is_literal
from rules_service.language.checker_dates import date_literal, is_whole, of_date, of_table, wrong
from rules_service.language.formatting import write
from rules_service.language.parser import FUNCTIONS
from rules_service.language.tree import Expr
from rules_service.language.typed import FactRef, Node
from rules_service.language.words import kind_word
from rules_service.values.kinds import (
    BOOLEAN,
    CODE,
    COLLECTIVE,
    COUNT,
    MONEY,
    NUMBER,
    Base,
    list_of,
    unify,
)

if TYPE_CHECKING:
    from rules_service.language.checker import Checker

__all__ = ["call", "contained", "macro"]

_ARITY = {
    "has": 1,
    "abs": 1,
    "floor": 1,
    "size": 1,
    "sum": 1,
    "min": 1,
    "max": 1,
    "avg": 1,
    "date": 1,
    "outcome": 1,
    "months_after": 2,
    "working_days_after": 2,
    "in_calendar": 1,
    "at_point": 2,
    "point_reached": 2,
    "meets": 2,
    "failed_in_a_row": 2,
    "contains": 2,
    "startsWith": 2,
    "endsWith": 2,
    "matches": 2,
}
# Parts of a pattern whose capital letters are no letters of the text; (?i) makes capitals meant.
_NOT_LITERAL = re.compile(r"\\[pP]\{[^}]*\}|\\[pP].|\\.|\(\?P?<[^>]*>|\(\?[A-Zis-]*i[A-Zis-]*[:)].*")
_CAPITAL = re.compile(r"[A-Z]")
_OPERATORS = {"GT": "gt", "GE": "ge", "LT": "lt", "LE": "le", "EQ": "eq"}
MAX_MACROS = 4  # macros within macros


def call(checker: Checker, expr: Expr) -> Node | None:
    """A function or method by its name."""
    arity = _ARITY.get(expr.value)
    if arity is None:
        return checker.reporter.add("E109", expr.at, name=expr.value[:40], known="、".join(FUNCTIONS))
    if len(expr.args) != arity:
        return checker.reporter.add("E111", expr.at, name=expr.value, count=arity, given=len(expr.args))
    special = _SPECIAL.get(expr.value)
    if special is not None:
        return special(checker, expr)
    args = [checker.node(arg) for arg in expr.args]
    known = tuple(arg for arg in args if arg is not None)
    return _function(checker, expr, known) if len(known) == arity else None


def _function(checker: Checker, expr: Expr, args: tuple[Node, ...]) -> Node | None:
    """A function of values."""
    name, kind = expr.value, args[0].kind
    if name == "abs":
        return Node("abs", kind, args) if kind.numeric else wrong(checker, expr, kind)
    if name == "floor":
        return Node("floor", MONEY, args) if kind.base is Base.MONEY else wrong(checker, expr, kind)
    if name in {"months_after", "working_days_after", "in_calendar"}:
        return of_date(checker, expr, args)
    if name == "size" and kind.base is Base.TEXT:
        return Node("size", COUNT, args)
    if name in {"size", "sum", "min", "max", "avg"}:
        return _aggregate(checker, expr, args)
    return _text_method(checker, expr, args)


def _aggregate(checker: Checker, expr: Expr, args: tuple[Node, ...]) -> Node | None:
    name, kind = expr.value, args[0].kind
    if not kind.is_list:
        return checker.reporter.add("E214", expr.at, name=name, **kind_word("kind", kind))
    if name == "size":
        return Node("size", COUNT, args)
    element = kind.element
    assert element is not None, "a list has an element kind"
    dates = element.base is Base.DATE and name in {"min", "max"}
    if not element.numeric and not dates:
        code = "E216" if element.base is Base.SUBJECT else "E215"
        return checker.reporter.add(code, expr.at, name=name, **kind_word("kind", element))
    if name == "avg":
        element = NUMBER.as_ratio() if element.base is Base.COUNT else element.as_ratio()
    return Node(name, element, args, _list_name(args[0]) or write(expr.args[0], checker.names))


def _list_name(node: Node) -> str:
    """The name of the fact that a list comes from."""
    while node.op in {"filter", "map"}:
        node = node.args[0]
    return node.data.name if node.op == "fact" and isinstance(node.data, FactRef) else ""


def _text_method(checker: Checker, expr: Expr, args: tuple[Node, ...]) -> Node | None:
    text, other = args
    if text.kind.base is not Base.TEXT:
        code = "E218" if text.kind.is_list else "E217"
        return checker.reporter.add(code, expr.at, name=expr.value, **kind_word("kind", text.kind))
    if other.kind.base is not Base.TEXT:
        return checker.reporter.add("E217", expr.args[1].at, name=expr.value, **kind_word("kind", other.kind))
    if expr.value != "matches":
        return Node(expr.value, BOOLEAN, args)
    if expr.args[1].form != "text":
        return checker.reporter.add("E240", expr.args[1].at)
    pattern = expr.args[1].value  # as written: a pattern is no text to be normalised
    try:
        compile_pattern(pattern)
    except re2.error as error:
        return checker.reporter.add("E241", expr.args[1].at, problem=_problem(error))
    if checker.env.normalise("A") != "A" and _CAPITAL.search(_NOT_LITERAL.sub("", pattern)):
        checker.reporter.add("E242", expr.args[1].at)
    return Node("matches", BOOLEAN, (text,), pattern)


def compile_pattern(pattern: str) -> re2._Regexp[str]:
    """Compile an RE2 pattern without printing to the error stream."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def _problem(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _has(checker: Checker, expr: Expr) -> Node | None:
    arg = expr.args[0]
    if arg.form != "select":
        return checker.reporter.add("E112", arg.at)
    if arg.args[0].form == "name" and arg.args[0].value == "param":
        parameter = checker.node(arg)
        return Node("set", BOOLEAN, (parameter,)) if parameter is not None else None
    found = checker.fact(arg)
    if found is None:
        return None
    ref = found[0]
    return Node("fact", BOOLEAN, data=FactRef(ref.subject, f"has:{ref.slot}", ref.name, ref.zh, ref.variable))


def _meets(checker: Checker, expr: Expr) -> Node | None:
    left, right = checker.node(expr.args[0]), checker.node(expr.args[1])
    if left is None or right is None:
        return None
    if right.op not in {"param", "at_point"}:
        return checker.reporter.add("E302", expr.args[1].at)
    name = str((right if right.op == "param" else right.args[0]).data)
    operator = checker.env.parameters[name].operator
    if not operator:
        return checker.reporter.add("E303", expr.args[1].at, name=name)
    if operator == "IN":
        return _contained(checker, expr, left, right, name)
    if right.kind.is_list:
        return checker.reporter.add("E304", expr.args[1].at, name=name, operator=operator)
    return checker_order(checker, expr, _OPERATORS[operator], (left, right), name)


def checker_order(checker: Checker, expr: Expr, op: str, sides: tuple[Node, Node], name: str) -> Node | None:
    """The comparison that ``meets`` stands for."""
    from rules_service.language.checker_numbers import order_of  # noqa: PLC0415

    return order_of(checker, expr, op, sides, name)


def _outcome(checker: Checker, expr: Expr) -> Node | None:
    arg = expr.args[0]
    if checker.env.stratum < 1:
        return checker.reporter.add("E305", expr.at, name="outcome")
    if arg.form != "text" or not arg.value:
        return checker.reporter.add("E306", arg.at)
    return Node("outcome", CODE, data=arg.value)


def _failed_in_a_row(checker: Checker, expr: Expr) -> Node | None:
    rules, count = expr.args
    if checker.env.stratum < 1:
        return checker.reporter.add("E305", expr.at, name="failed_in_a_row")
    if rules.form != "items" or not rules.args or any(rule.form != "text" for rule in rules.args):
        return checker.reporter.add("E307", rules.at)
    node = checker.node(count)
    if node is None:
        return None
    if not is_whole(node.kind) or node.op not in {"param", "const"}:
        return checker.reporter.add("E308", count.at)
    return Node("failed_in_a_row", BOOLEAN, (node,), tuple(rule.value for rule in rules.args))


def contained(checker: Checker, expr: Expr) -> Node | None:
    """``x in list``."""
    left, right = checker.node(expr.args[0]), checker.node(expr.args[1])
    if left is None or right is None:
        return None
    return _contained(checker, expr, left, right, None)


def _contained(checker: Checker, expr: Expr, left: Node, right: Node, parameter: str | None) -> Node | None:
    if not right.kind.is_list or right.kind.element is None:
        return checker.reporter.add("E219", expr.args[1].at, **kind_word("kind", right.kind))
    element = right.kind.element
    if left.kind.base is Base.CODE and right.op == "items" and all(is_literal(item) for item in right.args):
        words = tuple(code_literal(checker, left, word) for word in expr.args[1].args)
        right, element = Node("items", list_of(CODE), words), CODE
    if is_literal(left) and element.base is Base.CODE:
        left = code_literal(checker, right, expr.args[0])
    both = unify(left.kind, element)
    plain = right.op == "items" or (
        left.kind.scale <= element.scale and not left.kind.ratio and not element.ratio
    )
    if both is None or both.base in COLLECTIVE or not plain:
        code = "E207" if {left.kind.base, element.base} == {Base.CODE, Base.TEXT} else "E209"
        return checker.reporter.add(
            code, expr.at, **kind_word("left", left.kind), **kind_word("right", element)
        )
    return Node("in", BOOLEAN, (left, right), parameter)


def macro(checker: Checker, expr: Expr) -> Node | None:
    """``list.exists(i, …)`` and its like."""
    from rules_service.language.checker import Variable  # noqa: PLC0415

    items = checker.node(expr.args[0])
    if items is None:
        return None
    if not items.kind.is_list or items.kind.element is None:
        return checker.reporter.add("E214", expr.at, name=expr.value, **kind_word("kind", items.kind))
    taken = expr.variable in checker.variables or expr.variable in checker.env.lets
    if taken or expr.variable in {"param", "table", *checker.env.catalogue.subjects}:
        return checker.reporter.add("E114", expr.at, name=expr.variable)
    if len(checker.variables) >= MAX_MACROS:
        return checker.reporter.add("E115", expr.at, limit=MAX_MACROS)
    number = len(checker.variables)
    checker.variables[expr.variable] = Variable(number, items.kind.element)
    try:
        body = checker.node(expr.args[1]) if expr.value == "map" else checker.condition(expr.args[1])
    finally:
        del checker.variables[expr.variable]
    if body is None:
        return None
    if expr.value == "map":
        if body.kind.base in {Base.LIST, Base.SUBJECT}:
            return checker.reporter.add("E116", expr.args[1].at)
        return Node("map", list_of(body.kind), (items, body), number)
    return Node(expr.value, items.kind if expr.value == "filter" else BOOLEAN, (items, body), number)


_SPECIAL: dict[str, Callable[[Checker, Expr], Node | None]] = {
    "has": _has,
    "date": date_literal,
    "meets": _meets,
    "outcome": _outcome,
    "failed_in_a_row": _failed_in_a_row,
    "at_point": of_table,
    "point_reached": of_table,
}
