"""Facts of an indicator beside last year's figures and the reference value, all in the indicator's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import SHARE, in_unit, number_in, own_unit, reading_of
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity, parse_quantity
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "prior_actual",
    "prior_actual_reading",
    "prior_target",
    "prior_target_reading",
    "reference",
    "reference_reading",
    "reference_text",
    "reference_value",
    "upper_value",
    "value_rate",
]


class Reference(NamedTuple):
    """A value to compare with: as it is written, and what was read in it."""

    text: str
    read: Quantity


_UNITS = ("parsed:target_raw", "raw:unit_raw", "raw:unit_code")


@computes("indicator.prior_actual_reading", "parsed:prior_actual_raw")
def prior_actual_reading(_context: FactContext, read: Quantity | None) -> str | Absent:
    """What was read in last year's actual, as ``target_reading``; NONE where it is blank."""
    return because("raw:prior_actual_raw") if read is None else reading_of(read)


@computes("indicator.prior_target_reading", "parsed:prior_target_raw")
def prior_target_reading(_context: FactContext, read: Quantity | None) -> str | Absent:
    """What was read in last year's target."""
    return because("raw:prior_target_raw") if read is None else reading_of(read)


@computes(
    "indicator.reference",
    *("parsed:reference_value_raw", "reference_value_raw", "core_indicator_code"),
    *("project:industry_code", "project:category_code", "project:use_code"),
)
def reference(
    context: FactContext, filed: Quantity | None, text: str | None, core: str | None, *use: str | None
) -> Reference | Absent:
    """What a target is compared with: what was filed, else the library's value for the core indicator."""
    if filed is not None and text is not None and reading_of(filed) != "NONE":
        return Reference(text, filed)
    known = context.libraries.reference(core, use)
    if known is not None:
        library, row = known
        read = parse_quantity(row.reference_value)
        if not read.unit and row.unit:
            read = parse_quantity(f"{row.reference_value}{row.unit}")
        return Reference(f"{row.reference_value}（{library.document.name_zh}）", read)
    if filed is None or text is None:
        return because("raw:reference_value_raw")
    return Reference(text, filed)


@computes("indicator.reference_text", "reference")
def reference_text(_context: FactContext, found: Reference | None) -> str | Absent:
    """The reference value as it is written, with the library that it is from."""
    return because("reference") if found is None else found.text


@computes("indicator.reference_reading", "reference")
def reference_reading(_context: FactContext, found: Reference | None) -> str | Absent:
    """What was read in the reference value."""
    return because("reference") if found is None else reading_of(found.read)


@computes("indicator.prior_actual", "parsed:prior_actual_raw", *_UNITS)
def prior_actual(
    context: FactContext,
    prior: Quantity | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """Last year's actual value; a bare number is taken to be in the indicator's unit."""
    return _beside(context, prior, own_unit(read, unit_raw, unit_code), "prior_actual_raw")


@computes("indicator.prior_target", "parsed:prior_target_raw", *_UNITS)
def prior_target(
    context: FactContext,
    prior: Quantity | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """Last year's target; a bare number is taken to be in the indicator's unit."""
    return _beside(context, prior, own_unit(read, unit_raw, unit_code), "prior_target_raw")


@computes("indicator.reference_value", "reference", *_UNITS)
def reference_value(
    context: FactContext,
    found: Reference | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The reference value; a bare number is taken to be in the indicator's unit."""
    if found is None:
        return because("reference")
    return _beside(context, found.read, own_unit(read, unit_raw, unit_code), "reference_value_raw")


@computes("indicator.upper_value", "target_upper", "has:target_upper", "value", *_UNITS)
def upper_value(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    filed_upper: int | None,
    filed: bool | None,
    value: int | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The upper end of a range: filed, else read in the text; the value itself where it is no range."""
    if filed_upper is not None:
        return filed_upper
    if filed:
        return because("target_upper")
    if read is not None and read.upper is not None:
        unit = own_unit(read, unit_raw, unit_code)
        found = in_unit(context, read.upper, read.unit, unit) if unit else read.upper
        return Absent(MissingReason.UNIT_MISMATCH, "indicator.target_raw") if found is None else found
    return because("value") if value is None else value


@computes("indicator.value_rate", "value", *_UNITS)
def value_rate(
    context: FactContext,
    value: int | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The value of a rate as a share of 1, in 10⁻¹²: of 95 % 0.95; UNIT_MISMATCH for what is no rate."""
    if value is None:
        return because("value")
    unit = own_unit(read, unit_raw, unit_code)
    found = in_unit(context, value, unit, SHARE) if unit else None
    return Absent(MissingReason.UNIT_MISMATCH, "indicator.target_raw") if found is None else found


def _beside(context: FactContext, other: Quantity | None, unit: str, field: str) -> int | Absent:
    """The number of another text in the indicator's unit; NOT_SENT where it holds none."""
    if other is None:
        return because(f"raw:{field}")
    if other.status == "none":
        return Absent(MissingReason.NOT_SENT, f"indicator.{field}")
    if other.unit and not unit:
        return Absent(MissingReason.UNIT_MISMATCH, f"indicator.{field}")
    found = number_in(context, other, unit)
    return Absent(found, f"indicator.{field}") if isinstance(found, MissingReason) else found
