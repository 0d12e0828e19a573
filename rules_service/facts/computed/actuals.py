"""Facts of an indicator's actual value, beside the target that was set for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.reaching import NUMERIC, Grades, distance, exact, reached_share
from rules_service.facts.computed.registry import carried, computes
from rules_service.facts.measures import in_unit, is_date, is_number, number_in, own_unit
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity, resolve_date
from rules_service.values.dates import fiscal_year_end
from rules_service.values.numbers import SCALE, Ratio, ratio_mul, reduced
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "completion",
    "deviation",
    "expected_share",
    "expected_value",
    "forecast",
    "forecast_deviation",
    "target_deviation",
    "target_differs",
    "value",
]

Points = tuple[tuple[int | None, int | None], ...]

_INDICATOR = ("indicator:parsed:target_raw", "indicator:raw:unit_raw", "indicator:raw:unit_code")
_WAY = "indicator:reached_by"
_TARGET = "indicator:value"
_UPPER = "indicator:upper_value"
_PERCENT = "%"
# What a text such as ≤8 says of an actual value is only its other side.
_OTHER_SIDE = {"POSITIVE": {"LE", "LT"}, "NEGATIVE": {"GE", "GT"}}
_CLOSING = " 。.;；,，、"


# What the joined indicator says, beside the actual value.
carried("actual.indicator_name", "indicator:lv3_name")
carried("actual.level1", "indicator:lv1_code")
carried("actual.weight", "indicator:weight")
carried("actual.measure_time", "indicator:measure_time")
carried("actual.reached_by", _WAY)
carried("actual.target", _TARGET)


def _value(  # noqa: PLR0917 - a text and what it stands beside
    context: FactContext,
    field: str,
    said: Quantity | None,
    text: str | None,
    way: str | None,
    units: tuple[Quantity | None, str | None, str | None],
) -> int | Absent:
    """The number of a text in the indicator's unit; a bare number is taken to be in that unit.

    What cannot be told is not guessed: “≤8” of a value that should be high, “0.95” beside a target of 95 %.
    """
    read, unit_raw, unit_code = units
    if said is None or text is None:
        return because(f"raw:{field}")
    if read is None:
        return because(_INDICATOR[0])
    if said.status == "none":
        return Absent(MissingReason.UNPARSEABLE if text else MissingReason.NOT_SENT, f"raw:{field}")
    unit = own_unit(read, unit_raw, unit_code)
    if said.unit and not unit:
        return Absent(MissingReason.UNIT_MISMATCH, f"raw:{field}")
    found = number_in(context, said, unit)
    if isinstance(found, MissingReason):
        return Absent(found, f"raw:{field}")
    if said.upper is not None or said.operator in _OTHER_SIDE.get(way or "", ()):
        return Absent(MissingReason.UNPARSEABLE, f"raw:{field}")
    if unit == _PERCENT and not said.unit and 0 < found <= SCALE:
        return Absent(MissingReason.UNIT_MISMATCH, f"raw:{field}")
    return found


@computes("prior_actual.value", "parsed:actual_raw", "actual_raw", _WAY, *_INDICATOR)
@computes("actual.value", "parsed:actual_raw", "actual_raw", _WAY, *_INDICATOR)
def value(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    said: Quantity | None,
    text: str | None,
    way: str | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The actual value in the indicator's unit."""
    return _value(context, "actual_raw", said, text, way, (read, unit_raw, unit_code))


@computes("actual.forecast", "parsed:forecast_full_year_raw", "forecast_full_year_raw", _WAY, *_INDICATOR)
def forecast(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    said: Quantity | None,
    text: str | None,
    way: str | None,
    read: Quantity | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> int | Absent:
    """The forecast for the whole year in the indicator's unit."""
    return _value(context, "forecast_full_year_raw", said, text, way, (read, unit_raw, unit_code))


@computes(
    "actual.expected_share",
    *("@as_of", "project:fiscal_year", "report:schedule_rate", _WAY, "indicator:parsed:target_raw"),
    *("indicator:planned_points", _TARGET, "indicator:due_date", "indicator:has:due_date"),
    *("indicator:measure_time", "indicator:has:measure_time"),
)
def expected_share(  # noqa: PLR0911, PLR0917 - one argument an input, one return a case
    _context: FactContext,
    day: int | None,
    year: int | None,
    schedule: Ratio | None,
    way: str | None,
    read: Quantity | None,
    points: Points | None,
    wanted: int | None,
    due: int | None,
    has_due: bool | None,
    time: str | None,
    has_time: bool | None,
) -> Ratio | Absent:
    """The share of the target that is expected by the as-of date; 0 while nothing is due yet.

    All of it from the day on which the indicator is due, and when the year is over; before, the planned
    points, or by when the value is measured: the schedule for what accumulates, nothing for what is only
    known at the end, all for what holds at any time.
    """
    if day is None:
        return because("@as_of")
    if year is None or not 1 <= year <= 9999:
        return because("project:fiscal_year") if year is None else _no_year()
    if way is None:
        return because(_WAY)
    if has_due and due is None:
        return because("indicator:due_date")
    if way == "DATE":
        last = None if read is None else resolve_date(read, year)
        if last is None:
            return Absent(MissingReason.UNPARSEABLE, "indicator:target_raw")
        due = last[1]
    if (due is not None and day >= due) or (way != "DATE" and day >= fiscal_year_end(year)):
        return (1, 1)
    if way == "DATE":
        return (0, 1)
    if points is None:
        return because("indicator:planned_points")
    if points:
        return _planned(points, day, wanted)
    return _by_time(time, has_time, has_due, schedule)


def _planned(points: Points, day: int, wanted: int | None) -> Ratio | Absent:
    """What the last planned point before the day says, of the target."""
    before: tuple[int, int] | None = None
    for position, (at, planned) in enumerate(points):
        if at is None or planned is None:
            field = "as_of" if at is None else "value"
            return Absent(MissingReason.NOT_SENT, "indicator:planned_points", f"[{position}].{field}")
        if at <= day and (before is None or at >= before[0]):
            before = (at, planned)
    if before is None:
        return (0, 1)
    if wanted is None:
        return because(_TARGET)
    if wanted <= 0:
        return Absent(MissingReason.DIV_ZERO, _TARGET)
    return reduced((before[1], wanted))


def _by_time(
    time: str | None, has_time: bool | None, has_due: bool | None, schedule: Ratio | None
) -> Ratio | Absent:
    """What is expected before the day on which all of it is due."""
    if time == "CUMULATIVE":
        return because("report:schedule_rate") if schedule is None else schedule
    if has_due is None:
        return because("indicator:due_date")
    if time == "YEAR_END" or (has_due and (time == "POINT" or has_time is False)):
        return (0, 1)
    return (1, 1) if time == "POINT" else because("indicator:measure_time")


@computes("actual.expected_value", "expected_share", _TARGET, _WAY)
def expected_value(
    _context: FactContext, share: Ratio | None, wanted: int | None, way: str | None
) -> Ratio | Absent:
    """The value expected by the as-of date, in the indicator's unit."""
    if way is not None and way not in NUMERIC:
        return Absent(MissingReason.UNIT_MISMATCH, "indicator:target_raw")
    if share is None:
        return because("expected_share")
    return because(_TARGET) if wanted is None else reduced(ratio_mul(share, exact(wanted)))


@computes(
    "actual.completion",
    *(_WAY, "value", _TARGET, _UPPER, "expected_share", "indicator:measure_time"),
    *("parsed:actual_raw", "actual_raw", "indicator:parsed:target_raw", "project:fiscal_year"),
    "indicator:qualitative_grades",
)
def completion(  # noqa: PLR0917 - one argument an input
    _context: FactContext,
    way: str | None,
    number: int | None,
    low: int | None,
    high: int | None,
    share: Ratio | None,
    time: str | None,
    said: Quantity | None,
    text: str | None,
    read: Quantity | None,
    year: int | None,
    grades: Grades | None,
) -> Ratio | Absent:
    """The share of the target that is reached; over 1 where a value to be high passes it."""
    if way is None:
        return because(_WAY)
    if way == "NONE":
        return Absent(MissingReason.UNIT_MISMATCH, "indicator:target_raw")
    if way == "DATE":
        return _kept(said, text, read, year)
    if way == "GRADE":
        return _graded(text, grades)
    for spec, known in (("value", number), (_TARGET, low), (_UPPER, high)):
        if known is None:
            return because(spec)
    assert number is not None
    assert low is not None
    assert high is not None
    if way in {"EQUAL", "RANGE"} and not low <= number <= high and share is None:
        return because("expected_share")
    growing = time == "CUMULATIVE" and share is not None and share[0] < share[1]
    found = reached_share(way, number, low, high, growing=growing)
    return reduced(found) if found else Absent(MissingReason.DIV_ZERO, _TARGET)


def _kept(said: Quantity | None, text: str | None, read: Quantity | None, year: int | None) -> Ratio | Absent:
    """1 if the day on which it was done is not after the last one of the target, else 0."""
    if said is None or text is None:
        return because("raw:actual_raw")
    if year is None or not 1 <= year <= 9999:
        return because("project:fiscal_year") if year is None else _no_year()
    last = None if read is None else resolve_date(read, year)
    if last is None:
        return Absent(MissingReason.UNPARSEABLE, "indicator:target_raw")
    if not text:
        return Absent(MissingReason.NOT_SENT, "raw:actual_raw")
    done = resolve_date(said, year) if is_date(said) else None
    if done is None or done[0] <= last[1] < done[1]:
        return Absent(MissingReason.UNPARSEABLE, "raw:actual_raw")
    return (int(done[1] <= last[1]), 1)


def _graded(text: str | None, grades: Grades | None) -> Ratio | Absent:
    """The share of the grade that the text names, by its name or its criterion."""
    if text is None:
        return because("raw:actual_raw")
    if grades is None:
        return because("indicator:qualitative_grades")
    if not text:
        return Absent(MissingReason.NOT_SENT, "raw:actual_raw")
    for position, (grade, criterion, share) in enumerate(grades):
        if text.strip(_CLOSING) in {grade.strip(_CLOSING), criterion.strip(_CLOSING)}:
            if share is None:
                at = f"[{position}].share"
                return Absent(MissingReason.NOT_SENT, "indicator:qualitative_grades", at)
            return reduced(exact(share))
    return Absent(MissingReason.UNPARSEABLE, "raw:actual_raw")


@computes("actual.deviation", _WAY, "value", "expected_share", _TARGET, _UPPER)
def deviation(
    _context: FactContext,
    way: str | None,
    number: int | None,
    share: Ratio | None,
    low: int | None,
    high: int | None,
) -> Ratio | Absent:
    """How far the actual value is from the one expected by now, over that; above 0 is better."""
    return because("expected_share") if share is None else _distance(way, "value", number, share, low, high)


@computes("actual.target_deviation", _WAY, "value", _TARGET, _UPPER)
def target_deviation(
    _context: FactContext, way: str | None, number: int | None, low: int | None, high: int | None
) -> Ratio | Absent:
    """How far the actual value is from the whole year's target, over that; above 0 is better."""
    return _distance(way, "value", number, (1, 1), low, high)


@computes("actual.forecast_deviation", _WAY, "forecast", _TARGET, _UPPER)
def forecast_deviation(
    _context: FactContext, way: str | None, number: int | None, low: int | None, high: int | None
) -> Ratio | Absent:
    """How far the forecast is from the whole year's target, over that; above 0 is better."""
    return _distance(way, "forecast", number, (1, 1), low, high)


def _distance(  # noqa: PLR0917 - the target and what is compared with it
    way: str | None, name: str, number: int | None, share: Ratio, low: int | None, high: int | None
) -> Ratio | Absent:
    if way is None:
        return because(_WAY)
    if way not in NUMERIC:
        return Absent(MissingReason.UNIT_MISMATCH, "indicator:target_raw")
    for spec, known in ((name, number), (_TARGET, low), (_UPPER, high)):
        if known is None:
            return because(spec)
    assert number is not None
    assert low is not None
    assert high is not None
    found = distance(way, exact(number), ratio_mul(share, exact(low)), ratio_mul(share, exact(high)))
    return reduced(found) if found else Absent(MissingReason.DIV_ZERO, _TARGET)


@computes(
    "actual.target_differs",
    *("target_raw", "parsed:target_raw", "indicator:target_raw", "indicator:parsed:target_raw"),
    *(_TARGET, _UPPER, "indicator:operator", "indicator:raw:unit_raw", "indicator:raw:unit_code"),
)
def target_differs(  # noqa: PLR0917 - one argument an input, one return a case
    context: FactContext,
    text: str | None,
    said: Quantity | None,
    set_text: str | None,
    read: Quantity | None,
    low: int | None,
    high: int | None,
    operator: str | None,
    unit_raw: str | None,
    unit_code: str | None,
) -> bool | Absent:
    """Whether the report prints another target than the indicator has; false where it prints none."""
    if text is None or said is None:
        return because("raw:target_raw")
    if not text:
        return False
    if set_text is None or read is None:
        return because("indicator:target_raw")
    if _plain(text) == _plain(set_text):
        return False
    if not is_number(said):
        same_day = is_date(said) and is_date(read) and said.date == read.date
        return not same_day
    if low is None or high is None:
        return because(_TARGET if low is None else _UPPER)
    unit = own_unit(read, unit_raw, unit_code)
    found = number_in(context, said, unit)
    if isinstance(found, MissingReason):
        return Absent(found, "raw:target_raw")
    upper = found if said.upper is None else in_unit(context, said.upper, said.unit or unit, unit)
    signs = {said.operator, operator if operator not in {None, "NONE"} else read.operator} - {"", None, "EQ"}
    return (found, upper) != (low, high) or len(signs) > 1


def _plain(text: str) -> str:
    return text.replace(" ", "").strip(_CLOSING)


def _no_year() -> Absent:
    return Absent(MissingReason.UNPARSEABLE, "project:fiscal_year")
