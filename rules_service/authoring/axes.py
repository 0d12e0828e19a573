"""Places of a request where a value can grow and shrink by steps: amounts, numbers, days, lengths, counts.

A step is the least that people write: 1 分, one item, one day, one character; of a rate 0.01 percentage
points, of another number 0.01.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from rules_service.authoring.request_edits import Spot, value_at
from rules_service.authoring.request_fields import kinds_of_fields
from rules_service.facts.grammar import Rule, rule_of
from rules_service.facts.source import parsed_date

__all__ = ["Axis", "axes_at", "greatest"]

_LONGEST: Final = 2_000
_MOST_ELEMENTS: Final = 60
_NUMBER: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_FILLING: Final = "续"
_INTEGERS: Final = frozenset({FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64})
_RATES: Final = frozenset({"rate", "ratio<rate>", "points"})
_FINE, _FINER = 2, 4
_LAST: Final = 9


@dataclass(frozen=True, slots=True)
class Axis:
    """``position`` is where the value is now, in steps; ``make`` gives the value at another position.

    ``rank``: the lower, the more people think of it as the value itself.
    """

    spot: Spot
    position: int
    lowest: int
    highest: int
    make: Callable[[int], Any]
    rank: int = 0


def axes_at(request: Message, spot: Spot) -> list[Axis]:
    """The ways in which what stands at a place can grow and shrink; none where nothing stands there."""
    value = value_at(request, spot)
    field = spot.field
    if field.is_repeated:
        return _of_list(spot, value) if value or field.message_type is not None else []
    if value is None or isinstance(value, bool) or field.message_type is not None:
        return []
    if field.type in _INTEGERS:
        rank = {Rule.MONEY: 0, Rule.YEAR: _LAST}.get(rule_of(field), 1)
        return [Axis(spot, value, min(0, value), greatest(field), lambda place: place, rank)]
    if not isinstance(value, str) or not value:
        return []
    rule = rule_of(field)
    if rule is Rule.DATE:
        return _of_date(spot, value)
    if rule is Rule.DECIMAL:
        return [_of_decimal(spot, "", value, "", _places(field, value))]
    if rule is Rule.TEXT:
        return [*_of_numbers(spot, value), _of_length(spot, value)]
    return []


def greatest(field: FieldDescriptor) -> int:
    """The greatest number that a field of whole numbers takes."""
    return 10**16 if field.type == FieldDescriptor.TYPE_INT64 else 2**31 - 1


def _of_list(spot: Spot, value: tuple[Any, ...]) -> list[Axis]:
    """By the number of elements; more are like the last, or blank records where there is none."""

    def make(place: int) -> tuple[Any, ...]:
        return value[:place] + (value[-1:] or (b"",)) * (place - len(value))

    return [Axis(spot, len(value), 0, _MOST_ELEMENTS, make, 2)]


def _of_date(spot: Spot, value: str) -> list[Axis]:
    day = parsed_date(value)
    if day is None:
        return []
    first, last = date(1990, 1, 1).toordinal(), date(2089, 12, 31).toordinal()
    return [Axis(spot, day, first, last, lambda place: date.fromordinal(place).isoformat(), 1)]


def _of_decimal(spot: Spot, before: str, shown: str, after: str, places: int) -> Axis:
    """A decimal within a text."""
    unit = Decimal(1).scaleb(-places)
    position = int(Decimal(shown) / unit)
    lowest = min(0, position)

    def make(place: int) -> str:
        number = (place * unit).normalize()
        return f"{before}{number:f}{after}"

    return Axis(spot, position, lowest, 10 ** (12 + places), make)


def _places(field: FieldDescriptor, shown: str) -> int:
    """How many decimals a step has: as many as are shown, and enough for what is measured."""
    kinds = {fact.kind for fact in kinds_of_fields().get(field.full_name, ())}
    return max(_decimals(shown), _FINER if kinds & _RATES else _FINE)


def _decimals(shown: str) -> int:
    return len(shown.partition(".")[2])


def _of_numbers(spot: Spot, value: str) -> list[Axis]:
    """By the last number in a text: of a percentage in steps of 0.01."""
    found = list(_NUMBER.finditer(value))
    if not found:
        return []
    last = found[-1]
    after = value[last.end() :]
    places = max(_decimals(last[0]), _FINE if after.startswith(("%", "％")) else 0)
    return [_of_decimal(spot, value[: last.start()], last[0], after, places)]


def _of_length(spot: Spot, value: str) -> Axis:
    def make(place: int) -> str:
        return value[:place] + _FILLING * (place - len(value))

    return Axis(spot, len(value), 0, _LONGEST, make, 3)
