"""Facts of how a value is measured: the dimension of its unit, whether it is only about (约, 左右)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import completed, is_date, lacks_numerator, unit_text
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["fitting_units", "is_approximate", "unit_dimension", "unit_fits"]

_NO_UNIT = Absent(MissingReason.NOT_SENT, "indicator.unit_raw")
_UNKNOWN_UNIT = Absent(MissingReason.UNKNOWN_CODE, "indicator.unit_raw")
_UNKNOWN_PRINT = Absent(MissingReason.UNKNOWN_CODE, "indicator.target_raw")


@computes("indicator.unit_dimension", "parsed:target_raw", "raw:unit_raw", "raw:unit_code")
def unit_dimension(
    context: FactContext, read: Quantity | None, unit_raw: str | None, unit_code: str | None
) -> str | Absent:
    """What the unit measures, as filed or else as printed; a day or period is a 日期."""
    unit = unit_text(unit_raw, unit_code)
    if not unit:
        if read is None:
            return because("raw:target_raw")
        if is_date(read):
            return "日期"
        unit = next((part.unit for part in read.all if part.unit and not lacks_numerator(part.unit)), "")
    if not unit:
        return _NO_UNIT
    found = context.units.dimension(unit)
    return found or _UNKNOWN_UNIT


@computes("indicator.unit_fits", "parsed:target_raw", "raw:unit_raw", "raw:unit_code", "lv2_code")
def unit_fits(
    context: FactContext,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
    level2: str | None,
) -> bool | Absent:
    """Whether every unit, as filed and as printed, fits the level 2; those that take any always fit."""
    if level2 is None:
        return because("lv2_code")
    allowed = context.fitting_units.get(level2)
    if allowed is None:
        return True
    if read is None:
        return because("raw:target_raw")
    filed = unit_text(unit_raw, unit_code)
    printed = {completed(part.unit, filed) for part in read.all if part.unit}
    for unit in sorted(each for each in {filed, *printed} if each and not lacks_numerator(each)):
        known = context.units.lookup(unit)
        if known is None:
            return _UNKNOWN_UNIT if filed else _UNKNOWN_PRINT
        if not allowed.fits(known):
            return False
    return True


@computes("indicator.fitting_units", "lv2_code")
def fitting_units(context: FactContext, level2: str | None) -> tuple[str, ...] | Absent:
    """The dimensions and units that fit the level 2, in the words of the table; none: any."""
    if level2 is None:
        return because("lv2_code")
    allowed = context.fitting_units.get(level2)
    return () if allowed is None else allowed.words


@computes("indicator.is_approximate", "parsed:target_raw")
def is_approximate(_context: FactContext, read: Quantity | None) -> bool | Absent:
    """Whether a number of the text is only about: 约500人, 500人左右, 500余人."""
    return because("raw:target_raw") if read is None else any(part.approximate for part in read.all)
