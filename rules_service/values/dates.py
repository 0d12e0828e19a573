"""Dates as day numbers (``date.toordinal``), fiscal years and elapsed schedules; all pure."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import date, timedelta, timezone
from typing import Final

from rules_service.values.numbers import Ratio

__all__ = [
    "CHINA_TIME",
    "DateSyntaxError",
    "add_months",
    "date_text",
    "day_schedule",
    "fiscal_year_end",
    "fiscal_year_start",
    "full_months",
    "month_schedule",
    "months_elapsed",
    "parse_date",
    "project_schedule",
]

CHINA_TIME: Final = timezone(timedelta(hours=8))
"""Asia/Shanghai, which has had no summer time since 1991: no zone files are needed on the machine."""

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


class DateSyntaxError(ValueError):
    """A text that is not an existing day ``yyyy-mm-dd`` (or month ``yyyy-mm``)."""


def parse_date(text: str) -> int:
    """Read ``yyyy-mm-dd`` into its day number; a month alone means its last day."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise DateSyntaxError(text[:40])
    year, month = int(match[1]), int(match[2])
    try:
        day = int(match[3]) if match[3] else monthrange(year, month)[1]
        return date(year, month, day).toordinal()
    except (ValueError, IndexError) as error:
        raise DateSyntaxError(text[:40]) from error


def date_text(day: int) -> str:
    """Write a day number as ``yyyy-mm-dd``."""
    return date.fromordinal(day).isoformat()


def fiscal_year_start(year: int) -> int:
    """1 January of the fiscal year, which is the calendar year."""
    return date(year, 1, 1).toordinal()


def fiscal_year_end(year: int) -> int:
    """31 December of the fiscal year."""
    return date(year, 12, 31).toordinal()


def months_elapsed(day: int, year: int) -> int:
    """Months of ``year`` whose last day is on or before ``day``: 15 July → 6, 31 July → 7."""
    current = date.fromordinal(day)
    if current.year != year:
        return 0 if current.year < year else 12
    complete = current.day == monthrange(current.year, current.month)[1]
    return current.month if complete else current.month - 1


def month_schedule(day: int, year: int) -> Ratio:
    """Elapsed share of the fiscal year in whole months, over 12; outside the year 0 or 1."""
    return (months_elapsed(day, year), 12)


def day_schedule(day: int, year: int) -> Ratio:
    """Elapsed share of the fiscal year in days, over 365 or 366; outside the year 0 or 1."""
    total = 366 if isleap(year) else 365
    return (min(max(day - fiscal_year_start(year) + 1, 0), total), total)


def add_months(day: int, months: int) -> int:
    """The same day ``months`` later, clipped to the month's end: 31 January + 1 → 28 or 29 February."""
    current = date.fromordinal(day)
    index = current.year * 12 + current.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(current.day, last)).toordinal()


def full_months(start: int, end: int) -> int:
    """Full months from the beginning of ``start`` to the beginning of ``end``; 0 if it lies before.

    31 January to 28 February is a month, as ``add_months`` says; 1 January to 1 May are four.
    """
    if end <= start:
        return 0
    first, last = date.fromordinal(start), date.fromordinal(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(start, months) <= end else months - 1


def project_schedule(day: int, year: int, start: int | None, end: int | None) -> Ratio:
    """Elapsed share of a project's own full months within the fiscal year; outside them 0 or 1.

    Without a start or an end the project begins or ends with the year.
    """
    first = max(fiscal_year_start(year), start if start is not None else 0)
    last = min(fiscal_year_end(year), end if end is not None else date.max.toordinal())
    if day >= last:
        return (1, 1)
    if day < first or not full_months(first, last + 1):
        return (0, 1)
    total = full_months(first, last + 1)
    return (min(full_months(first, day + 1), total), total)
