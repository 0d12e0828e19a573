"""Typed values of parameters and tables from their text: exact, without rounding (architecture §1)."""

from __future__ import annotations

import re

from rules_service.values.dates import DateSyntaxError, parse_date
from rules_service.values.numbers import NumberSyntaxError, parse_fixed

__all__ = ["LiteralError", "parse_literal"]

_MONEY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(亿元|万元|元|分)")
# How many 10⁻¹² parts of the written number make one 分.
_FEN_DIVISOR = {"亿元": 10**2, "万元": 10**6, "元": 10**10, "分": 10**12}
_COUNT = re.compile(r"-?[0-9]{1,18}")


class LiteralError(ValueError):
    """A text that is no value of its kind; ``expected`` shows the right form."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def parse_literal(kind: str, text: str) -> int | str | bool:
    """The value of ``text`` as ``kind``; raises ``LiteralError``.

    money → 分; rate (``10%``), points (``10pp``), quantity and score → fixed × 10¹²; count → int;
    date → day number; boolean → bool; text and code → as written.
    """
    if kind == "money":
        return _money(text)
    if kind == "rate":
        return _hundredths(text, "%", "10%")
    if kind == "points":
        return _hundredths(text, "pp", "10pp")
    if kind in {"quantity", "score"}:
        return _fixed(text, "12.5")
    if kind == "count":
        if _COUNT.fullmatch(text) is None:
            raise LiteralError("12")
        return int(text)
    return _plain(kind, text)


def _plain(kind: str, text: str) -> int | str | bool:
    if kind == "date":
        try:
            return parse_date(text) if len(text) == 10 else _refuse("2024-01-31")
        except DateSyntaxError:
            raise LiteralError("2024-01-31") from None
    if kind == "boolean":
        return text == "true" if text in {"true", "false"} else _refuse("true")
    if not text.strip():
        raise LiteralError("文字")
    return text


def _refuse(expected: str) -> int:
    raise LiteralError(expected)


def _fixed(text: str, expected: str) -> int:
    try:
        return parse_fixed(text)
    except NumberSyntaxError:
        raise LiteralError(expected) from None


def _money(text: str) -> int:
    match = _MONEY.fullmatch(text)
    if match is None:
        raise LiteralError("30万元")
    fen, rest = divmod(_fixed(match[1], "30万元"), _FEN_DIVISOR[match[2]])
    if rest:  # less than a 分: nothing is rounded
        raise LiteralError("0.01元")
    return fen


def _hundredths(text: str, mark: str, expected: str) -> int:
    if not text.endswith(mark):
        raise LiteralError(expected)
    value, rest = divmod(_fixed(text.removesuffix(mark), expected), 100)
    if rest:
        raise LiteralError(expected)
    return value
