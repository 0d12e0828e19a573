"""Reads an expression into its syntax tree; whatever is wrong becomes a diagnostic, never an exception."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rules_service.language.reporting import Reporter
from rules_service.language.tree import MAX_DEPTH, MAX_LENGTH, MAX_NODES, Expr, Tree
from rules_service.model.diagnostics import Source

__all__ = ["FUNCTIONS", "LIST_FUNCTIONS", "MACROS", "TEXT_METHODS", "UNITS", "parse"]

UNITS = ("亿元", "万元", "元", "分", "%", "pp")
LIST_FUNCTIONS = ("size", "sum", "min", "max", "avg")
FUNCTIONS = (
    *LIST_FUNCTIONS,
    *("abs", "floor", "has", "date", "months_after", "working_days_after", "in_calendar"),
    *("at_point", "point_reached"),
    *("meets", "outcome", "failed_in_a_row"),
)
TEXT_METHODS = ("contains", "startsWith", "endsWith", "matches")
MACROS = ("all", "exists", "exists_one", "filter", "map")

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}


class _Refused(Exception):  # noqa: N818 - a way out of the parser, not an error of the program
    """The author's text breaks a rule that the grammar cannot say."""

    def __init__(self, code: str, at: int, **values: object) -> None:
        super().__init__(code)
        self.code, self.at, self.values = code, at, values


@v_args(inline=True)
class _Builder(Transformer[Token, Expr]):
    """Builds the tree while parsing, so that depth never becomes recursion."""

    def name(self, token: Token) -> Expr:
        return _node("name", str(token), (), token)

    def number(self, token: Token) -> Expr:
        return _node("number", str(token), (), token)

    def truth(self, token: Token) -> Expr:
        return _node("truth", str(token), (), token)

    def text(self, token: Token) -> Expr:
        return _node("text", _unquote(token), (), token)

    def select(self, operand: Expr, name: Token) -> Expr:
        return _node("select", str(name), (operand,), operand)

    def arguments(self, *args: Expr | None) -> tuple[Expr, ...]:
        return tuple(arg for arg in args if arg is not None)

    def items(self, bracket: Token, args: tuple[Expr, ...]) -> Expr:
        return _node("items", "", args, bracket)

    def call(self, name: Token, args: tuple[Expr, ...]) -> Expr:
        if name in MACROS or name in TEXT_METHODS:
            raise _Refused("E013", _at(name), name=str(name))
        return _node("call", str(name), args, name)

    def method(self, operand: Expr, name: Token, args: tuple[Expr, ...]) -> Expr:
        if name in MACROS:
            if len(args) != 2 or args[0].form != "name":
                raise _Refused("E014", _at(name), name=str(name))
            return _node("macro", str(name), (operand, args[1]), operand, args[0].value)
        if name not in TEXT_METHODS and name not in LIST_FUNCTIONS:
            raise _Refused("E015", _at(name), name=str(name))
        return _node("call", str(name), (operand, *args), operand)

    def unary(self, operator: Token, operand: Expr) -> Expr:
        if operator == "+":
            raise _Refused("E002", _at(operator), text="+")
        return _node("unary", str(operator), (operand,), operator)

    def binary(self, left: Expr, operator: Token, right: Expr) -> Expr:
        return _node("binary", str(operator), (left, right), left)

    def all_of(self, *args: Expr) -> Expr:
        return _logic("&&", args)

    def any_of(self, *args: Expr) -> Expr:
        return _logic("||", args)

    def cond(self, test: Expr, yes: Expr, no: Expr) -> Expr:
        return _node("cond", "", (test, yes, no), test)


def _at(place: Token | Expr) -> int:
    return (place.start_pos or 0) if isinstance(place, Token) else place.at


def _node(form: str, value: str, args: tuple[Expr, ...], place: Token | Expr, variable: str = "") -> Expr:
    depth = 1 + max((arg.depth for arg in args), default=0)
    size = 1 + sum(arg.size for arg in args)
    if depth > MAX_DEPTH:
        raise _Refused("E011", _at(place), limit=MAX_DEPTH)
    if size > MAX_NODES:
        raise _Refused("E012", _at(place), limit=MAX_NODES)
    return Expr(form, value, args, variable, _at(place), depth, size)


def _logic(operator: str, args: tuple[Expr, ...]) -> Expr:
    """A chain of one operator is one node, however it was put in brackets."""
    flat: list[Expr] = []
    for arg in args:
        if arg.form == "logic" and arg.value == operator:
            flat.extend(arg.args)
        else:
            flat.append(arg)
    return _node("logic", operator, tuple(flat), args[0])


def _unquote(token: Token) -> str:
    if token.startswith("r"):
        return str(token[2:-1])
    body = token[1:-1]
    if "\\" not in body:
        return str(body)
    parts: list[str] = []
    rest = iter(enumerate(body))
    for index, char in rest:
        if char != "\\":
            parts.append(char)
            continue
        _, escaped = next(rest)
        if escaped not in _ESCAPES:
            raise _Refused("E016", _at(token) + 1 + index, text=f"\\{escaped}")
        parts.append(_ESCAPES[escaped])
    return "".join(parts)


@cache
def _parser() -> Lark:
    grammar = (files("rules_service.language") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def parse(text: str, source: Source) -> Tree:
    """Read one expression that begins at ``source`` in its file."""
    reporter = Reporter(text, source)
    root: Expr | None = None
    if not text.strip():
        reporter.add("E001", 0)
    elif len(text) > MAX_LENGTH:
        reporter.add("E010", 0, limit=MAX_LENGTH)
    else:
        try:
            result: Any = _parser().parse(text)
            root = result
        except _Refused as refused:
            reporter.add(refused.code, refused.at, **refused.values)
        except UnexpectedInput as error:
            _report(reporter, text, error)
    return Tree(root, text, source, reporter.found())


def _report(reporter: Reporter, text: str, error: UnexpectedInput) -> None:
    """Say what stands in the way, and the cure for what authors often write."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        reporter.add("E003", len(text.rstrip()))
        return
    at: int = min(getattr(error, "pos_in_stream", None) or 0, len(text))
    rest = text[at:]
    before = text[:at].rstrip()
    unit = next((unit for unit in UNITS if rest.startswith(unit)), None)
    if unit is not None and before[-1:].isdigit():
        reporter.add("E004", at, unit=unit)
    elif rest.startswith("%"):
        reporter.add("E005", at)
    elif rest.startswith("=") and not rest.startswith("=="):
        reporter.add("E006", at)
    elif rest.startswith(("&", "|")):
        reporter.add("E007", at)
    elif rest.startswith(('"', "'")):
        reporter.add("E008", at)
    elif isinstance(error, UnexpectedCharacters):
        reporter.add("E002", at, text=rest[:1])
    else:
        word = error.token if isinstance(error, UnexpectedToken) else rest[:1]
        reporter.add("E009", at, text=str(word)[:40])
