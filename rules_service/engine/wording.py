"""Small helpers for texts: filling catalogue messages, and values as canonical text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rules_service.values.dates import date_text
from rules_service.values.kinds import Base, Kind
from rules_service.values.numbers import fixed_text, reduced

__all__ = ["canonical_writer", "exact_ratio", "fill"]

_NAME = re.compile(r"\{([a-z_]+)\}")
_FEN_DECIMALS = 2

Writer = Callable[[Any], str]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of ``{name}``; nothing else in the text has a meaning."""
    return _NAME.sub(lambda match: values.get(match[1], match[0]), text)


def exact_ratio(value: Any, kind: Kind) -> tuple[int, int]:
    """Numerator and denominator of a number in lowest terms; money in 分."""
    return reduced(value if kind.ratio else (value, 10**kind.scale))


@cache
def canonical_writer(kind: Kind) -> Writer:
    """Writes values of a kind as one text that does not depend on the language: for the digest.

    Money in 元, rates and points as plain numbers (1 is 100 %), ratios as ``n/d``, dates as
    ``yyyy-mm-dd``, lists with ``、`` between the elements and ``?`` for a missing one; a list of
    subjects by its length.  A missing value is "".
    """
    write = _writer(kind)
    return lambda value: "" if value is None else write(value)


def _writer(kind: Kind) -> Writer:
    if kind.is_list:
        return _list_writer(kind)
    if kind.numeric:
        return _number_writer(kind)
    if kind.base is Base.DATE:
        return date_text
    if kind.base is Base.BOOLEAN:
        return lambda value: "true" if value else "false"
    return str


def _number_writer(kind: Kind) -> Writer:
    if kind.ratio:
        return lambda value: "/".join(map(str, reduced(value)))
    decimals = kind.scale + (_FEN_DECIMALS if kind.base is Base.MONEY else 0)
    if not decimals:
        return str
    return lambda value: fixed_text(value, decimals)


def _list_writer(kind: Kind) -> Writer:
    element = kind.element
    if element is None or element.base is Base.SUBJECT:
        return lambda value: str(len(value))
    write = _writer(element)
    return lambda value: "、".join("?" if one is None else write(one) for one in value)
