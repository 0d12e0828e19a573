"""Numbers with units: what unit an indicator is in, and exact conversion between units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.quantity import Quantity
from rules_service.facts.text import normalise
from rules_service.values.numbers import Ratio
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "SHARE",
    "completed",
    "costing_unit",
    "in_unit",
    "is_compound",
    "is_date",
    "is_number",
    "is_rate",
    "lacks_numerator",
    "number_in",
    "own_unit",
    "reading_of",
    "same_unit",
    "scaled",
    "unit_factor",
    "unit_text",
]

SHARE = "比例"  # the unit of a rate as a share of 1


def is_number(quantity: Quantity) -> bool:
    """Whether one number or range was read."""
    return quantity.status == "ok" and quantity.value is not None


def is_date(quantity: Quantity) -> bool:
    """Whether a day or period was read, and no number beside it."""
    return (
        quantity.status == "ok"
        and quantity.is_target
        and quantity.date is not None
        and all(part.date is not None for part in quantity.all)
    )


def is_compound(quantity: Quantity) -> bool:
    """Whether several numbers were read, so that none is the value: 1;1;1, 每期3天共50人."""
    return quantity.status == "ok" and sum(part.value is not None for part in quantity.all) > 1


def reading_of(read: Quantity) -> str:
    """What was read in a text: NONE, NUMBER, COMPOUND (several numbers), UNREADABLE or DATE."""
    if read.status == "unparseable":
        return "UNREADABLE"
    if is_date(read):
        return "DATE"
    if is_compound(read):
        return "COMPOUND"
    return "NUMBER" if any(part.value is not None for part in read.all) else "NONE"


def lacks_numerator(unit: str) -> bool:
    """Whether a unit only says per what: /株 of 28.40/株 is no unit, 元/株 is one."""
    return unit.startswith("/")


def completed(printed: str, filed: str) -> str:
    """The unit a text prints; one that only says per what is the filed one if that is per the same."""
    if lacks_numerator(printed) and normalise(filed).endswith(normalise(printed)):
        return filed
    return printed


def costing_unit(
    read: Quantity | None, filed: int | None, unit_raw: str | None, unit_code: str | None
) -> str:
    """The unit that an indicator's value is in: as filed, else as the text prints it.

    A value filed as printed, multiplier apart (1.2 beside 1.2万人次), is in the printed unit.
    """
    unit = unit_text(unit_raw, unit_code)
    if unit or read is None:
        return unit
    printed = filed is not None and read.multiplier != 1 and filed * read.multiplier == read.value
    return read.printed_unit if printed else read.unit


def unit_text(unit_raw: str | None, unit_code: str | None) -> str:
    """The unit as filed: the text, else the code; "" if neither was."""
    for text in (unit_raw, unit_code):
        if text and not text.isspace():
            return text
    return ""


def own_unit(read: Quantity | None, unit_raw: str | None, unit_code: str | None) -> str:
    """The unit of an indicator: as filed, else as its text prints it; "" if neither says one."""
    return unit_text(unit_raw, unit_code) or (read.unit if read is not None else "")


def same_unit(context: FactContext, first: str, second: str) -> bool | None:
    """Whether two unit texts name one unit or can be converted; ``None`` if one of them is unknown."""
    if first == second or normalise(first) == normalise(second):
        return True
    one, other = context.units.lookup(first), context.units.lookup(second)
    return None if one is None or other is None else one.base == other.base


def unit_factor(context: FactContext, source: str, target: str) -> Ratio | None:
    """What a number of ``source`` is multiplied by to be one of ``target``; ``None`` if it can't be.

    Without a source unit the number is taken to be in the target's.
    """
    if not source or source == target or normalise(source) == normalise(target):
        return (1, 1)
    return context.units.convert((1, 1), source, target)


def scaled(value: int, factor: Ratio | None) -> int | None:
    """A fixed number times a factor; ``None`` without one, or where twelve decimals can't hold it."""
    if factor is None or value * factor[0] % factor[1]:
        return None
    return value * factor[0] // factor[1]


def in_unit(context: FactContext, value: int, source: str, target: str) -> int | None:
    """A fixed number of ``source`` as one of ``target``; ``None`` where it can't be, exactly."""
    return scaled(value, unit_factor(context, source, target))


def number_in(context: FactContext, read: Quantity, unit: str) -> int | MissingReason:
    """The one number of a text, in a unit ("": the text's own), or why there is none."""
    if is_date(read):
        return MissingReason.UNIT_MISMATCH
    if not is_number(read):
        return MissingReason.UNPARSEABLE
    assert read.value is not None
    found = in_unit(context, read.value, completed(read.unit, unit), unit) if unit else read.value
    return MissingReason.UNIT_MISMATCH if found is None else found


def is_rate(context: FactContext, unit: str) -> bool:
    """Whether a unit measures a rate: %, ‰, 比例."""
    return context.units.dimension(unit) == "比率"
