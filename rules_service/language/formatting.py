"""Writes an expression in its one canonical form, with English names; formatting twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from rules_service.language.parser import TEXT_METHODS
from rules_service.language.tree import Expr, Tree

__all__ = ["format_expression", "quote", "write"]

_TERNARY, _OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _POSTFIX = range(8)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def format_expression(tree: Tree, names: Mapping[int, str] | None = None) -> str:
    """The canonical text of a tree without errors.

    ``names`` is ``Typed.names`` and replaces Chinese names of facts by the English ones; without it the
    names stay as written.
    """
    if tree.root is None:
        raise ValueError("the expression has errors")
    return write(tree.root, names or {})


def write(expr: Expr, names: Mapping[int, str]) -> str:
    """The canonical text of one node."""
    return _write(expr, names, _TERNARY)


def quote(text: str) -> str:
    """A text literal in double quotes."""
    return f'"{text.translate(_ESCAPES)}"'


def _write(expr: Expr, names: Mapping[int, str], level: int) -> str:
    own, text = _text(expr, names)
    return f"({text})" if own < level else text


def _text(expr: Expr, names: Mapping[int, str]) -> tuple[int, str]:  # noqa: PLR0911 - one line a form
    args = expr.args
    match expr.form:
        case "number" | "truth":
            return _POSTFIX, expr.value
        case "text":
            return _POSTFIX, quote(expr.value)
        case "name":
            return _POSTFIX, expr.value
        case "select":
            return _POSTFIX, names.get(expr.at) or f"{_write(args[0], names, _POSTFIX)}.{expr.value}"
        case "items":
            return _POSTFIX, f"[{_list(args, names)}]"
        case "call":
            return _POSTFIX, _call(expr, names)
        case "macro":
            receiver = _write(args[0], names, _POSTFIX)
            return _POSTFIX, f"{receiver}.{expr.value}({expr.variable}, {write(args[1], names)})"
        case "unary":
            return _UNARY, expr.value + _write(args[0], names, _UNARY)
        case "cond":
            test, yes = _write(args[0], names, _OR), _write(args[1], names, _OR)
            return _TERNARY, f"{test} ? {yes} : {_write(args[2], names, _TERNARY)}"
        case "logic":
            own = _AND if expr.value == "&&" else _OR
            return own, f" {expr.value} ".join(_write(arg, names, own + 1) for arg in args)
        case _:
            own = _LEVELS.get(expr.value, _RELATION)
            left = _SUM if own == _RELATION else own
            return own, f"{_write(args[0], names, left)} {expr.value} {_write(args[1], names, own + 1)}"


def _call(expr: Expr, names: Mapping[int, str]) -> str:
    if expr.value in TEXT_METHODS:
        return f"{_write(expr.args[0], names, _POSTFIX)}.{expr.value}({_list(expr.args[1:], names)})"
    return f"{expr.value}({_list(expr.args, names)})"


def _list(args: tuple[Expr, ...], names: Mapping[int, str]) -> str:
    return ", ".join(write(arg, names) for arg in args)
