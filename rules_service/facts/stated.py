"""Numbers as goals and indicators state them (REL-03), in a form in which equal ones are equal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from rules_service.facts.quantity import Quantity, parse_quantity
from rules_service.facts.text import utf16_slice
from rules_service.values.numbers import SCALE, Ratio, reduced

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["Key", "Stated", "ends", "key", "stated"]

Key = tuple[Ratio, str]
"""The number in the base unit, and that unit.

Counted things (5 间, 5 个) have no unit of their own; a number without a unit may be of any.
"""
_COUNTED, _ANY = "个", ""
_FEN = 100
_BEHIND = re.compile(r"(?P<words>[一-鿿]{1,8})(?P<more>[一-鿿])?")


class Stated(NamedTuple):
    """A quantity of a running text: as printed, the keys by which an indicator may state it, and in 分."""

    printed: str
    keys: frozenset[Key]
    fen: Ratio | None


def stated(context: FactContext, raw: str) -> tuple[Stated, ...]:
    """The quantities of a text that something should measure; never raises.

    Left out are numbers without a unit, 1 of something, durations, ranks and grades.
    """
    return tuple(
        Stated(_printed(raw, part), frozenset(_keys(context, part)), _money(context, part))
        for part in parse_quantity(raw).all
        if _measures(context, part)
    )


def key(context: FactContext, number: int, unit: str) -> Key:
    """The key of a fixed number of a unit ("" for none)."""
    if not unit:
        return reduced((number, SCALE)), _ANY
    known = context.units.lookup(unit)
    if known is None:
        return reduced((number, SCALE)), _COUNTED
    value = reduced((number * known.factor[0], SCALE * known.factor[1]))
    return value, _COUNTED if context.units.is_counted(known) else known.base


def ends(part: Quantity) -> Iterator[int]:
    """The number, or both ends of a range."""
    return (number for number in (part.value, part.upper) if number is not None)


def _measures(context: FactContext, part: Quantity) -> bool:
    if part.value is None or not part.unit:
        return False
    unit = context.units.lookup(part.unit)
    if unit is None:
        return True
    if unit.dimension == "时间":
        return bool(part.operator)  # 为期3年 describes; 不超过24小时 is a target
    if unit.dimension == "评级":
        return unit.code == "分"
    return not (context.units.is_counted(unit) and part.value == SCALE and part.upper is None)


def _keys(context: FactContext, part: Quantity) -> Iterator[Key]:
    """每期50人 may be stated as 50 人, 6万人 as 6 of a unit that was not filled in."""
    for number in ends(part):
        yield key(context, number, part.unit)
        yield key(context, number, part.unit.partition("/")[0])
        yield reduced((number, SCALE)), _ANY
        yield reduced((number, SCALE * part.multiplier)), _ANY


def _money(context: FactContext, part: Quantity) -> Ratio | None:
    unit = context.units.lookup(part.unit)
    if unit is None or unit.dimension != "金额" or unit.base != "元" or part.value is None:
        return None
    return reduced((part.value * unit.factor[0] * _FEN, unit.factor[1] * SCALE))


def _printed(raw: str, part: Quantity) -> str:
    """The quantity and the words behind it: 5个标准档案库房消防… (of a phrase that goes on)."""
    behind = _BEHIND.match(utf16_slice(raw, part.end, len(raw)))
    words = behind["words"] + ("…" if behind["more"] else "") if behind is not None else ""
    return utf16_slice(raw, part.start, part.end) + words
