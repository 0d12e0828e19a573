"""Facts of an indicator's target: what its text says, and whether text and fields agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.measures import (
    SHARE,
    completed,
    in_unit,
    is_compound,
    is_date,
    is_number,
    is_rate,
    lacks_numerator,
    number_in,
    own_unit,
    reading_of,
    same_unit,
    unit_text,
)
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.facts.vague import VagueReading
from rules_service.values.numbers import SCALE
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "effective_operator",
    "has_natural_max",
    "natural_max",
    "operator_given",
    "polarity",
    "target_reading",
    "text_differs_operator",
    "text_differs_unit",
    "text_differs_value",
    "unit_given",
    "vague_terms",
    "value",
    "value_given",
]

_NO_TEXT = because("raw:target_raw")
_UNREADABLE = Absent(MissingReason.UNPARSEABLE, "indicator.target_raw")
_NO_LIMIT = Absent(MissingReason.NOT_SENT, "indicator.natural_max")
_PERCENT = "%"


@computes("indicator.target_reading", "parsed:target_raw")
def target_reading(_context: FactContext, read: Quantity | None) -> str | Absent:
    """NONE, NUMBER, COMPOUND (several numbers), UNREADABLE or DATE; a year alone is no target."""
    return _NO_TEXT if read is None else reading_of(read)


@computes("indicator.value_given", "parsed:target_raw", "has:target_value")
def value_given(_context: FactContext, read: Quantity | None, filed: bool | None) -> bool | Absent:
    """Filed, or read in the text as a number or a date."""
    if filed:
        return True
    if read is None:
        return _NO_TEXT
    if is_date(read) or (read.status == "ok" and any(part.value is not None for part in read.all)):
        return True
    return because("has:target_value") if filed is None else False


@computes("indicator.unit_given", "parsed:target_raw", "raw:unit_raw", "raw:unit_code", "lv3_name")
def unit_given(
    context: FactContext, read: Quantity | None, unit_raw: str | None, unit_code: str | None, name: str | None
) -> bool | Absent:
    """Filed, read in the text, or not needed: a date, a ratio such as 1:5 by its name.

    A unit that only says per what (28.40/株) is none.
    """
    if unit_text(unit_raw, unit_code):
        return True
    if read is not None and (is_date(read) or any(_is_unit(part.unit) for part in read.all)):
        return True
    if name is not None and name.endswith(context.unitless_names):
        return True
    if read is None:
        return _NO_TEXT
    for spec, known in (("raw:unit_raw", unit_raw), ("raw:unit_code", unit_code), ("lv3_name", name)):
        if known is None:
            return because(spec)
    return False


@computes("indicator.operator_given", "parsed:target_raw", "operator", "has:operator")
def operator_given(
    _context: FactContext, read: Quantity | None, operator: str | None, filed: bool | None
) -> bool | Absent:
    """Filed (“none” is none), or read in the text."""
    if filed and operator != "NONE":
        return True
    if read is None:
        return _NO_TEXT
    if read.operator:
        return True
    return because("has:operator") if filed is None else False


@computes(
    "indicator.value",
    "target_value",
    "has:target_value",
    "parsed:target_raw",
    "raw:unit_raw",
    "raw:unit_code",
)
def value(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    filed_value: int | None,
    filed: bool | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The value filed, else the number read in the text, in the indicator's unit.

    A host without the field for values has only the text, which then counts.
    """
    if filed_value is not None:
        return filed_value
    if filed:
        return because("target_value")
    if read is None:
        return _NO_TEXT
    if read.status == "none" or (not read.is_target and read.date is not None):
        return because("target_value")
    return _read_value(context, read, unit_text(unit_raw, unit_code))


@computes(
    "indicator.effective_operator",
    *("operator", "has:operator", "parsed:target_raw", "lv2_code", "core_indicator_code"),
)
def effective_operator(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    operator: str | None,
    filed: bool | None,
    read: Quantity | None,
    level2: str | None,
    core: str | None,
) -> str | Absent:
    """The operator filed, else the one in the text, else the library's, else the default of level 2."""
    if operator is not None and operator != "NONE":
        return operator
    if filed and operator is None:
        return because("operator")
    if read is not None and read.operator:
        return read.operator
    known = context.libraries.indicator(core)
    if known is not None and known.operator not in {"", "NONE"}:
        return known.operator
    default = context.default_operators.get(level2 or "")
    return default if default is not None else Absent(MissingReason.NOT_SENT, "indicator.operator")


@computes(
    "indicator.polarity",
    *("filed_polarity", "has:filed_polarity", "lv3_name", "lv2_code", "core_indicator_code"),
)
def polarity(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    filed_polarity: str | None,
    filed: bool | None,
    name: str | None,
    level2: str | None,
    core: str | None,
) -> str | Absent:
    """The polarity filed, else the library's by code, else the dictionary's by name and level 2.

    The operator never decides it.
    """
    if filed_polarity is not None:
        return filed_polarity
    if filed:
        return because("filed_polarity")
    known = context.libraries.indicator(core)
    if known is not None and known.polarity:
        return known.polarity
    if name is None:
        return because("lv3_name")
    found = context.polarity.lookup(name, level2 or "")
    return found or Absent(MissingReason.NOT_SENT, "indicator.polarity")


@computes(
    "indicator.natural_max", "parsed:target_raw", "raw:unit_raw", "raw:unit_code", "lv3_name", "lv2_code"
)
def natural_max(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
    name: str | None,
    level2: str | None,
) -> int | Absent:
    """The most that a rate can be, in the indicator's unit: 100 with %; missing where there is no such limit.

    Rates whose names say that they may exceed it, and those that the dictionary knows without a limit,
    have none.
    """
    unit = own_unit(read, unit_raw, unit_code)
    if not unit:
        for spec, known in (
            ("raw:target_raw", read),
            ("raw:unit_raw", unit_raw),
            ("raw:unit_code", unit_code),
        ):
            if known is None:
                return because(spec)
    if not unit or not is_rate(context, unit):
        return _NO_LIMIT
    if name is None:
        return because("lv3_name")
    if any(word in name for word in context.unbounded_rates):
        return _NO_LIMIT
    known, limit = context.polarity.read(name, level2 or "")
    if limit is None and known:
        return _NO_LIMIT
    numerator, denominator = limit or (1, 1)
    found = in_unit(context, 100 * SCALE * numerator // denominator, _PERCENT, unit)
    return _NO_LIMIT if found is None else found


@computes("indicator.has_natural_max", "natural_max")
def has_natural_max(_context: FactContext, limit: int | None) -> bool:
    """Whether there is such a limit."""
    return limit is not None


@computes(
    "indicator.text_differs_value",
    "parsed:target_raw",
    "target_value",
    "has:target_value",
    "target_upper",
    "raw:unit_raw",
    "raw:unit_code",
)
def text_differs_value(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    read: Quantity | None,
    filed_value: int | None,
    filed: bool | None,
    filed_upper: int | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> bool | Absent:
    """Whether the number in the text is another than the one filed.

    Of several numbers one may be the one filed; that none is doesn't say that their sense is another.
    """
    if filed is False:
        return False
    if read is None:
        return _NO_TEXT
    numbers = [part for part in read.all if part.date is None]
    if not numbers:
        return False
    if filed_value is None:
        return because("target_value")
    if read.status == "unparseable":
        return _UNREADABLE
    unit = unit_text(unit_raw, unit_code)
    if is_compound(read):
        found = any(
            _agrees(context, part, filed_value, filed_upper, unit) and _may_be_in(context, part.unit, unit)
            for part in numbers
        )
        return False if found else _UNREADABLE
    return not _agrees(context, numbers[0], filed_value, filed_upper, unit)


@computes(
    "indicator.text_differs_unit",
    "parsed:target_raw",
    "raw:unit_raw",
    "raw:unit_code",
    "has:unit_raw",
    "has:unit_code",
)
def text_differs_unit(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
    has_raw: bool | None,
    has_code: bool | None,
) -> bool | Absent:
    """Whether the unit in the text is another than the one filed, and not to be converted into it."""
    if has_raw is False and has_code is False:
        return False
    if read is None:
        return _NO_TEXT
    if not is_number(read) or not read.unit:
        return False
    unit = unit_text(unit_raw, unit_code)
    if not unit:
        return because("raw:unit_raw" if has_raw is None else "raw:unit_code")
    same = same_unit(context, completed(read.unit, unit), unit)
    if same is None:
        unknown = "unit_raw" if context.units.lookup(unit) is None else "target_raw"
        return Absent(MissingReason.UNKNOWN_CODE, f"indicator.{unknown}")
    return not same


@computes("indicator.text_differs_operator", "parsed:target_raw", "operator", "has:operator")
def text_differs_operator(
    _context: FactContext, read: Quantity | None, operator: str | None, filed: bool | None
) -> bool | Absent:
    """Whether the operator in the text is another than the one filed; “none” counts as not filed."""
    if filed is False or operator == "NONE":
        return False
    if read is None:
        return _NO_TEXT
    if not is_number(read) or not read.operator:
        return False
    return because("operator") if operator is None else read.operator != operator


@computes("indicator.vague_terms", "vague:target_raw", "parsed:target_raw")
def vague_terms(
    _context: FactContext, wording: VagueReading | None, read: Quantity | None
) -> tuple[str, ...] | Absent:
    """The vague terms of a value that holds no number."""
    if wording is None or read is None:
        return _NO_TEXT
    if any(part.is_target for part in read.all):
        return ()
    return tuple(dict.fromkeys(hit.term for hit in wording.hits))


def _is_unit(unit: str) -> bool:
    return bool(unit) and not lacks_numerator(unit)


def _read_value(context: FactContext, read: Quantity, unit: str) -> int | Absent:
    """The one number of a text, in a unit; "" for the text's own."""
    found = number_in(context, read, unit)
    return Absent(found, "indicator.target_raw") if isinstance(found, MissingReason) else found


def _agrees(context: FactContext, part: Quantity, filed: int, upper: int | None, unit: str) -> bool:
    """Whether a number of the text is the one filed: in the same or a convertible unit, or as printed."""
    assert part.value is not None
    if not _equal(context, part.value, part, filed, unit):
        return False
    return part.upper is None or upper is None or _equal(context, part.upper, part, upper, unit)


def _equal(context: FactContext, number: int, part: Quantity, filed: int, unit: str) -> bool:
    printed = filed * part.multiplier
    if not unit:
        share = in_unit(context, number, part.unit, SHARE) if is_rate(context, part.unit) else None
        return filed in {number, share} or printed == number
    own = completed(part.unit, unit)
    if same_unit(context, own or unit, unit):
        return in_unit(context, number, own, unit) == filed
    # Whether the units agree is another fact: here the numbers count, as read or as printed.
    return number in {filed, printed}


def _may_be_in(context: FactContext, printed: str, unit: str) -> bool:
    """Whether a number printed in the one unit may be meant in the other."""
    return not printed or not unit or bool(same_unit(context, completed(printed, unit), unit))
