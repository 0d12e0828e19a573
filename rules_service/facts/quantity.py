"""Reads the quantities in a text: ≥95%, 三所, 1.2万人次, 500至600, 12月底前; no number beats a wrong one.

What a value means
- ``status`` "none": no number in it; "ok"; "unparseable": it holds a number that can't be read for certain.
- ``value`` (and ``upper`` of a range) is a fixed number (units of 10⁻¹²) of ``unit``.  Multipliers are
  applied: 1.2万人次 is 12000 人次, 65万元 is 650000 元; ``printed_unit`` keeps 万人次, 万元 and
  ``multiplier`` 10000.  A percentage stays in %: 95% is 95, 九成五 is 95 %, 千分之三 is 3 ‰.
- ``operator`` is GE, LE, EQ, GT, LT, RANGE, or "" when none is printed.
- A text with several quantities has ``count`` > 1, no ``value``, and all of them in ``all``.
- Dates and periods stand in ``date``; ``resolve_date`` gives days, in the fiscal year if none is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rules_service.facts.number_tokens import NumberToken
from rules_service.facts.quantity_dates import DateToken, QuantityDate, find_dates, may_hold_date
from rules_service.facts.quantity_scan import (
    DATE_FILL,
    PHRASE_FILL,
    WIDE_COMMA,
    find_numbers,
    may_hold_number,
)
from rules_service.facts.quantity_words import NOT_NUMBERS
from rules_service.facts.text import WorkingCopy, clean_copy

__all__ = ["NONE", "Quantity", "find_quantities", "parse_quantity", "resolve_date"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a text says in numbers; see the module's docstring.

    ``start`` and ``end`` are UTF-16 units of the raw text.  ``is_target`` is false for a year or part of a
    year alone: 2023年 measures nothing; 2021年全年 as a whole value is a period.
    """

    status: str
    operator: str = ""
    value: int | None = None
    upper: int | None = None
    unit: str = ""
    printed_unit: str = ""
    multiplier: int = 1
    approximate: bool = False
    count: int = 0
    date: QuantityDate | None = None
    start: int = 0
    end: int = 0
    is_target: bool = False
    all: tuple[Quantity, ...] = ()


NONE = Quantity("none")
# As a whole value this is a period like any other; in running text it measures nothing.
_WHOLE_YEAR = re.compile(r"\s*(?:\S{4}\s?年度?\s?)?全年度?\s*[。;.]?\s*")
_HALF_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9])")


def parse_quantity(raw: str) -> Quantity:
    """Read a value text as a whole; never raises."""
    parts = find_quantities(raw)
    if not parts:
        return NONE
    if len(parts) == 1:
        whole = _whole(parts[0], parts, 1, parts[0].date)
        year = whole.date is not None and not whole.is_target and _WHOLE_YEAR.fullmatch(clean_copy(raw).text)
        return replace(whole, is_target=True) if year else whole
    start, end = parts[0].start, parts[-1].end
    numbers = [part for part in parts if part.date is None]
    dates = [part for part in parts if part.date is not None]
    date = dates[0].date if len(dates) == 1 else None
    count = len(numbers) or len(dates)
    if any(part.status == "unparseable" for part in parts):
        return Quantity("unparseable", count=count, start=start, end=end, is_target=True, all=parts)
    if len(numbers) == 1:
        return _whole(numbers[0], parts, 1, date)
    approximate = any(part.approximate for part in numbers)
    return Quantity(
        "ok", approximate=approximate, count=count, date=date, start=start, end=end, is_target=True, all=parts
    )


def find_quantities(raw: str) -> tuple[Quantity, ...]:
    """Every number and date of a running text, in order, each with its place; never raises."""
    copy = clean_copy(_HALF_COMMA.sub(WIDE_COMMA, raw) if "，" in raw else raw)
    text = copy.text
    dates: list[DateToken] = []
    if may_hold_date(text):
        dates = find_dates(text)
        text = _mask(text, dates)
    numbers: list[NumberToken] = []
    if may_hold_number(text):
        numbers = find_numbers(NOT_NUMBERS.sub(_fill, text))
    if not dates and not numbers:
        return ()
    found = [_from_number(token, copy) for token in numbers] + [_from_date(token, copy) for token in dates]
    if dates:
        found.sort(key=_place)
    return tuple(found)


def resolve_date(quantity: Quantity, fiscal_year: int | None) -> tuple[int, int] | None:
    """First and last day (day numbers) of the quantity's date; ``None`` if there is none or no year."""
    return None if quantity.date is None else quantity.date.resolve(fiscal_year)


def _fill(match: re.Match[str]) -> str:
    return PHRASE_FILL * len(match.group())


def _mask(text: str, dates: list[DateToken]) -> str:
    pieces = []
    at = 0
    for token in dates:
        pieces += [text[at : token.start], DATE_FILL * (token.end - token.start)]
        at = token.end
    return "".join([*pieces, text[at:]])


def _place(part: Quantity) -> int:
    return part.start


def _whole(main: Quantity, parts: tuple[Quantity, ...], count: int, date: QuantityDate | None) -> Quantity:
    return Quantity(
        main.status, main.operator, main.value, main.upper, main.unit, main.printed_unit, main.multiplier,
        main.approximate, count, date, main.start, main.end, main.is_target, parts,
    )  # fmt: skip


def _from_number(token: NumberToken, copy: WorkingCopy) -> Quantity:
    start, end = copy.span(token.start, token.end)
    if token.value is None:
        return Quantity(
            "unparseable", approximate=token.approximate, count=1, start=start, end=end, is_target=True
        )
    return Quantity(
        "ok", token.operator, token.value, token.upper, token.unit, token.printed_unit, token.multiplier,
        token.approximate, 1, None, start, end, True,
    )  # fmt: skip


def _from_date(token: DateToken, copy: WorkingCopy) -> Quantity:
    start, end = copy.span(token.start, token.end)
    if token.date is None:
        return Quantity("unparseable", count=1, start=start, end=end, is_target=True)
    return Quantity(
        "ok", token.operator, count=1, date=token.date, start=start, end=end, is_target=token.precise
    )
