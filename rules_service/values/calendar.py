"""Working days: which days of which years a calendar knows, and what lies n working days after a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["MAX_WORKING_DAYS", "WorkCalendar", "is_weekday"]

MAX_WORKING_DAYS = 2_000
"""More working days than any deadline has; beyond it there is no answer."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Day numbers that differ from the week: holidays, and weekend days that work; ``years`` it knows.

    A day of a year that it does not know counts by the week alone.
    """

    years: frozenset[int] = frozenset()
    holidays: frozenset[int] = frozenset()
    workdays: frozenset[int] = frozenset()

    def covers(self, day: int) -> bool:
        """Whether the year of a day is known, so that nothing about it is provisional."""
        return date.fromordinal(day).year in self.years

    def works(self, day: int) -> bool:
        """Whether people work on a day."""
        return day in self.workdays or (is_weekday(day) and day not in self.holidays)

    def after(self, day: int, count: int) -> int | None:
        """The last of ``count`` working days after ``day``, which itself does not count; 0 is the day itself.

        ``None`` for fewer than 0 or more than ``MAX_WORKING_DAYS``, and outside the years 1 to 9999.
        """
        if not 0 <= count <= MAX_WORKING_DAYS:
            return None
        while count and day < date.max.toordinal():
            day += 1
            count -= self.works(day)
        return None if count else day


def is_weekday(day: int) -> bool:
    """Monday to Friday."""
    return (day - 1) % 7 < _SATURDAY
