"""Values for people: rounded half up at the edge, with enough digits never to hide a difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rules_service.language.words import table
from rules_service.values.kinds import Base, Kind
from rules_service.values.numbers import Ratio, display_ratio, fixed_text, reduced

__all__ = ["FORMATS", "display", "formats_of", "operator_words"]

FORMATS = ("%", "pp", "元", "万元")
_FEN = {"元": 100, "万元": 1_000_000}
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
    against: Sequence[tuple[Any, Kind]] = (),
) -> str:
    """A value in words of ``zh`` or ``en``.

    ``value`` follows docs/architecture.md §1; ``form`` is one of ``formats_of(kind)``; ``against`` are
    values of like kind that the shown number must not seem to equal if it does not.
    """
    words = table()["display"]
    if value is None:
        return str(words["missing"][language])
    if kind.is_list:
        return _list(value, kind, language)
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


def _pair(value: Any, kind: Kind) -> Ratio:
    return value if kind.ratio else (value, 10**kind.scale)


def _number(value: Any, kind: Kind, language: str, form: str, against: Sequence[tuple[Any, Kind]]) -> str:
    units = table()["display"]["units"]
    pair = reduced(_pair(value, kind))
    factor, below, unit = 1, 1, ""
    if kind.base in {Base.RATE, Base.POINTS}:
        factor, unit = 100, kind.base.value
    elif kind.base is Base.MONEY:
        unit = form or (_money_unit(pair) if language == "zh" else "元")
        below = _FEN[unit]
    shown = (pair[0], pair[1] * below)
    others = [
        (other[0], other[1] * below)
        for other in (_pair(one, of) for one, of in against if one is not None and of.base is kind.base)
    ]
    exact = not kind.ratio and kind.base not in {Base.RATE, Base.POINTS, Base.SCORE}
    text = _digits(shown, factor, others, 6 if exact else 2)
    return text + (str(units[unit][language]) if unit else "")


def _money_unit(fen: Ratio) -> str:
    """万元 for what has at most two decimals in it, else 元."""
    whole = fen[1] == 1 and fen[0] % 10_000 == 0
    return "万元" if whole and abs(fen[0]) >= _FEN["万元"] else "元"


def _digits(value: Ratio, factor: int, others: Sequence[Ratio], exact: int) -> str:
    """In full if ``exact`` decimals suffice, else half up to two, or more lest it seem equal to another."""
    numerator, denominator = reduced((value[0] * factor, value[1]))
    if 10**exact % denominator == 0:
        return fixed_text(numerator * (10**exact // denominator), exact)
    shown = display_ratio(value, factor=factor)
    for other in others:
        finer = display_ratio(value, factor=factor, against=other)
        shown = max(shown, finer, key=len)
    return shown


def operator_words(operator: str | None, value: Any, kind: Kind, language: str) -> str:
    """A threshold in words: “超过10个百分点”; without an operator the value alone."""
    shown = display(value, kind, language)
    if not operator:
        return shown
    return str(table()["operators"][str(operator)][language]).format(value=shown)
