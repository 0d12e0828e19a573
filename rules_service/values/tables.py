"""Values that hold from days of the year on, such as the spending rate that each checkpoint demands."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from rules_service.values.numbers import Ratio

__all__ = [
    "MONTH_END",
    "DatedTable",
    "TableDaySyntaxError",
    "TablePoint",
    "at_point",
    "parse_table_day",
    "point_reached",
]

MONTH_END = 31
"""The day that stands for a month's last one: days beyond a month's end are clipped to it."""

_DAY = re.compile(r"([0-9]{2})(?:-([0-9]{2}))?")


class TableDaySyntaxError(ValueError):
    """A text that is no day of a year ``mm-dd``, and no month ``mm``."""


class TablePoint(NamedTuple):
    """A value from a day of the year on; ``value`` counts units of the table's scale."""

    month: int
    day: int
    value: int


class DatedTable(NamedTuple):
    """Points of a year in order; between two of them the earlier holds, or values grow day by day."""

    interpolated: bool
    points: tuple[TablePoint, ...]


def parse_table_day(text: str) -> tuple[int, int]:
    """Read ``mm-dd`` (``02-29`` exists), or ``mm`` as the last day of that month."""
    match = _DAY.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 12:
        raise TableDaySyntaxError(text[:40])
    month = int(match[1])
    if match[2] is None:
        return month, MONTH_END
    if not 1 <= int(match[2]) <= monthrange(2024, month)[1]:
        raise TableDaySyntaxError(text[:40])
    return month, int(match[2])


def point_reached(table: DatedTable, day: int) -> bool:
    """Whether the first point of the day's year is on or before ``day``."""
    return bool(table.points) and _day_of(table.points[0], date.fromordinal(day).year) <= day


def at_point(table: DatedTable, day: int, scale: int) -> Ratio:
    """The value at a day, exactly, from points that count units of 10⁻ˢᶜᵃˡᵉ.

    Before the first point it is 0: nothing is demanded yet.  After the last one its value holds.
    """
    year, below = date.fromordinal(day).year, 10**scale
    before = [point for point in table.points if _day_of(point, year) <= day]
    if not before:
        return 0, below
    last = before[-1]
    if not table.interpolated or len(before) == len(table.points):
        return last.value, below
    following = table.points[len(before)]
    start, end = _day_of(last, year), _day_of(following, year)
    grown = last.value * (end - start) + (following.value - last.value) * (day - start)
    return grown, below * (end - start)


def _day_of(point: TablePoint, year: int) -> int:
    return date(year, point.month, min(point.day, monthrange(year, point.month)[1])).toordinal()
