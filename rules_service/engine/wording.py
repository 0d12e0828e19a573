"""Small helpers for texts: filling catalogue messages, and values as canonical text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules_service.values.dates import date_text
from rules_service.values.kinds import Base, Kind
from rules_service.values.numbers import fixed_text, reduced

__all__ = ["canonical", "exact_ratio", "fill"]

_NAME = re.compile(r"\{([a-z_]+)\}")
_FEN_DECIMALS = 2


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of ``{name}``; nothing else in the text has a meaning."""
    return _NAME.sub(lambda match: values.get(match[1], match[0]), text)


def exact_ratio(value: Any, kind: Kind) -> tuple[int, int] | None:
    """Numerator and denominator in lowest terms; money in 分; ``None`` for what is no number."""
    if not kind.numeric:
        return None
    if kind.ratio:
        return reduced(value)
    return reduced((value, 10**kind.scale))


def canonical(value: Any, kind: Kind) -> str:
    """A value as one text that does not depend on the language: what the digest covers.

    Money in 元, rates and points as plain numbers (1 is 100 %), ratios as ``n/d``, dates as
    ``yyyy-mm-dd``, lists with ``、`` between the elements, ``?`` for a missing element.
    """
    if value is None:
        return "?"
    if kind.is_list:
        return _list(value, kind)
    if kind.numeric:
        return _number(value, kind)
    if kind.base is Base.DATE:
        return date_text(value)
    if kind.base is Base.BOOLEAN:
        return "true" if value else "false"
    return str(value)


def _number(value: Any, kind: Kind) -> str:
    if kind.ratio:
        numerator, denominator = reduced(value)
        return f"{numerator}/{denominator}"
    return fixed_text(value, kind.scale + (_FEN_DECIMALS if kind.base is Base.MONEY else 0))


def _list(value: Any, kind: Kind) -> str:
    element = kind.element
    if element is None or element.base is Base.SUBJECT:
        return str(len(value))
    return "、".join(canonical(one, element) for one in value)
