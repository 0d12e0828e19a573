"""Values for people: rounded half up at the edge, with enough digits never to hide a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache
from typing import Any

from rules_service.language.words import table
from rules_service.values.kinds import Base, Kind
from rules_service.values.numbers import Ratio, display_ratio, fixed_text, reduced
from rules_service.values.tables import MONTH_END, DatedTable

__all__ = ["FORMATS", "display", "formats_of", "operator_words"]

FORMATS = ("%", "pp", "元", "万元")
_BELOW = {"元": 2, "万元": 6}  # decimals below the unit, counted from 分
_FULL = 6  # decimals that are shown in full
_LONG_MONTHS = frozenset({1, 3, 5, 7, 8, 10, 12})  # whose last day is the 31st itself
_PERCENT = frozenset({Base.RATE, Base.POINTS})
_ROUNDED = frozenset({Base.RATE, Base.POINTS, Base.SCORE})

Against = Callable[[], Iterable[tuple[Any, Kind]]]
"""Gives values, with their kinds, that a shown number must not be taken for; asked only if it is rounded."""

_OF = {Base.RATE: ("%",), Base.POINTS: ("pp",), Base.MONEY: ("元", "万元")}


def formats_of(kind: Kind) -> tuple[str, ...]:
    """The formats that suit a kind."""
    return _OF.get(kind.base, ())


def display(
    value: Any,
    kind: Kind,
    language: str,
    *,
    form: str = "",
    against: Against = tuple,
) -> str:
    """A value in words of ``zh`` or ``en``.

    ``value`` follows docs/architecture.md §1; ``form`` is one of ``formats_of(kind)``; ``against``
    gives values of like kind that the shown number must not seem to equal if it does not.
    """
    words = table()["display"]
    if value is None:
        return str(words["missing"][language])
    if kind.is_list:
        return _list(value, kind, language)
    if kind.base is Base.TABLE:
        return _table(value, kind, language)
    if kind.numeric:
        return _number(value, kind, language, form, against)
    if kind.base is Base.DATE:
        day = date.fromordinal(value)
        return str(words["date"][language]).format(year=day.year, month=day.month, day=day.day)
    if kind.base is Base.BOOLEAN:
        return str(words["true" if value else "false"][language])
    return str(value) or str(words["blank"][language])


def _list(value: Any, kind: Kind, language: str) -> str:
    words = table()["display"]
    if kind.element is None or kind.element.base is Base.SUBJECT:
        return str(words["elements"][language]).format(count=len(value))
    if not value:
        return str(words["none"][language])
    return str(words["separator"][language]).join(display(item, kind.element, language) for item in value)


def _table(value: DatedTable, kind: Kind, language: str) -> str:
    words = table()["display"]
    assert kind.element is not None
    shown = []
    for month, day, at in value.points:
        key = "table_month" if day == MONTH_END and month not in _LONG_MONTHS else "table_day"
        shown.append(
            str(words[key][language]).format(month=month, day=day, value=display(at, kind.element, language))
        )
    between = str(words["table_between"][language]) if value.interpolated else ""
    return str(words["separator"][language]).join(shown) + between


def _pair(value: Any, kind: Kind) -> Ratio:
    return value if kind.ratio else (value, 10**kind.scale)


def _number(value: Any, kind: Kind, language: str, form: str, against: Against) -> str:
    factor, unit = 1, ""
    if kind.base in _PERCENT:
        factor, unit = 100, kind.base.value
    elif kind.base is Base.MONEY:
        unit = form or (_money_unit(value, kind) if language == "zh" else "元")
    text = "" if kind.ratio or kind.base in _ROUNDED else fixed_text(value, kind.scale + _BELOW.get(unit, 0))
    if not text or len(text.partition(".")[2]) > _FULL:
        text = _rounded(_pair(value, kind), kind, factor, 10 ** _BELOW.get(unit, 0), against)
    return text + _unit(unit, language)


@cache
def _unit(unit: str, language: str) -> str:
    return str(table()["display"]["units"][unit][language]) if unit else ""


def _money_unit(value: Any, kind: Kind) -> str:
    """万元 for what has at most two decimals in it, else 元."""
    fen, below = _pair(value, kind)
    whole = fen % (10_000 * below) == 0
    return "万元" if whole and abs(fen) >= 1_000_000 * below else "元"


def _rounded(value: Ratio, kind: Kind, factor: int, below: int, against: Against) -> str:
    """Half up to two decimals, in full where these suffice; more lest it seem equal to another value."""
    numerator, denominator = reduced((value[0] * factor, value[1] * below))
    if 100 % denominator == 0:
        return fixed_text(numerator * (100 // denominator), 2)
    shown = (value[0], value[1] * below)
    text = display_ratio(shown, factor=factor)
    for one, of in against():
        if one is not None and of.base is kind.base:
            other = _pair(one, of)
            finer = display_ratio(shown, factor=factor, against=(other[0], other[1] * below))
            text = max(text, finer, key=len)
    return text


@lru_cache(4096)  # of parameters' values: never of a request's
def operator_words(operator: str | None, value: Any, kind: Kind, language: str) -> str:
    """A threshold in words: “超过10个百分点”; without an operator the value alone."""
    shown = display(value, kind, language)
    if not operator:
        return shown
    return str(table()["operators"][str(operator)][language]).format(value=shown)
