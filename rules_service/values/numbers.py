"""Exact numbers: fixed-point integers, ratios that are never rounded, and their display.

A *fixed* number is an ``int`` counting units of 10⁻¹² (``SCALE``); money is an ``int`` of 分.
A *ratio* is a pair ``(numerator, denominator)`` of integers with a positive denominator, not
reduced, compared by cross-multiplication.  Nothing here uses binary floating point.
"""

from __future__ import annotations

import re
from math import gcd
from typing import Final

__all__ = [
    "DECIMALS",
    "FEN_PER_YUAN",
    "MAX_MONEY_FEN",
    "SCALE",
    "NumberSyntaxError",
    "Ratio",
    "display_ratio",
    "fixed_text",
    "parse_fixed",
    "ratio",
    "ratio_add",
    "ratio_compare",
    "ratio_div",
    "ratio_mul",
    "ratio_sub",
    "reduced",
]

DECIMALS = 12
SCALE: Final[int] = 10**DECIMALS
FEN_PER_YUAN = 100
MAX_MONEY_FEN = 10**16  # semantics.md, Numbers

Ratio = tuple[int, int]

_FIXED = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,12}))?")


class NumberSyntaxError(ValueError):
    """A text that is not a plain decimal number of at most 18 digits and 12 decimals."""


def parse_fixed(text: str) -> int:
    r"""Read ``-?\d{1,18}(\.\d{1,12})?`` into units of 10⁻¹²; ``28.7`` → 28_700_000_000_000.

    Raises ``NumberSyntaxError`` for everything else: exponents, separators, NaN, white space.
    """
    match = _FIXED.fullmatch(text)
    if match is None:
        raise NumberSyntaxError(text[:40])
    sign, whole, fraction = match.groups()
    value = int(whole) * SCALE
    if fraction:
        value += int(fraction.ljust(DECIMALS, "0"))
    return -value if sign else value


def fixed_text(value: int, decimals: int = DECIMALS) -> str:
    """Write a fixed number (or, with ``decimals``, an integer of another scale) in full, exactly."""
    sign = "-" if value < 0 else ""
    if decimals <= 0:
        return f"{sign}{abs(value)}{'0' * -decimals}"
    whole, fraction = divmod(abs(value), 10**decimals)
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:0{decimals}d}".rstrip("0")


def ratio(numerator: int, denominator: int) -> Ratio | None:
    """A ratio with a positive denominator; ``None`` (missing, DIV_ZERO) when it is zero."""
    if denominator > 0:
        return (numerator, denominator)
    if denominator < 0:
        return (-numerator, -denominator)
    return None


def ratio_add(left: Ratio, right: Ratio) -> Ratio:
    """left + right, exactly."""
    return (left[0] * right[1] + right[0] * left[1], left[1] * right[1])


def ratio_sub(left: Ratio, right: Ratio) -> Ratio:
    """left − right, exactly."""
    return (left[0] * right[1] - right[0] * left[1], left[1] * right[1])


def ratio_mul(left: Ratio, right: Ratio) -> Ratio:
    """left × right, exactly."""
    return (left[0] * right[0], left[1] * right[1])


def ratio_div(left: Ratio, right: Ratio) -> Ratio | None:
    """left ÷ right, exactly; ``None`` (missing, DIV_ZERO) when right is zero."""
    return ratio(left[0] * right[1], left[1] * right[0])


def ratio_compare(left: Ratio, right: Ratio) -> int:
    """-1, 0 or 1 as left is below, equal to or above right, by cross-multiplication."""
    first = left[0] * right[1]
    second = right[0] * left[1]
    return (first > second) - (first < second)


def reduced(value: Ratio) -> Ratio:
    """The same ratio in lowest terms, as it is stored and hashed."""
    divisor = gcd(value[0], value[1])
    return (value[0] // divisor, value[1] // divisor) if divisor > 1 else value


def _half_up(numerator: int, denominator: int, digits: int) -> str:
    scaled = abs(numerator) * 10**digits * 2 + denominator
    whole, fraction = divmod(scaled // (2 * denominator), 10**digits)
    sign = "-" if numerator < 0 and (whole or fraction) else ""
    return f"{sign}{whole}.{fraction:0{digits}d}" if digits else f"{sign}{whole}"


def display_ratio(value: Ratio, *, factor: int = 1, digits: int = 2, against: Ratio | None = None) -> str:
    """Round half up for people: ``factor`` 100 shows a rate in percent.

    Two digits by default, up to six (or, where needed, more) so that a value which differs from
    the threshold ``against`` never shows as equal to it: 59.9999 % is not shown as 60.00 %.
    """
    numerator, denominator = value[0] * factor, value[1]
    shown = _half_up(numerator, denominator, digits)
    if against is None or ratio_compare(value, against) == 0:
        return shown
    while digits < 40:
        if shown != _half_up(against[0] * factor, against[1], digits):
            return shown
        digits += 1
        shown = _half_up(numerator, denominator, digits)
    return shown
