"""Documents of working days: for one year, the days off and the weekend days that work."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from rules_service.model.check_documents import ProofMark
from rules_service.model.fields import Bilingual, Day, Document, Text, Whole, fault
from rules_service.values.calendar import is_weekday
from rules_service.values.dates import date_text, fiscal_year_end, fiscal_year_start

__all__ = ["CalendarDocument", "HolidayDocument"]


class HolidayDocument(Document):
    """A holiday and the days off that it brings, weekends among them."""

    name: Bilingual
    days: Annotated[tuple[Day, ...], Field(min_length=1)]


class CalendarDocument(Document):
    """One year's arrangement of holidays as its author wrote it (``docs/architecture.md`` §5)."""

    calendar: Annotated[Whole, Field(ge=1, le=9999)]
    source: Text
    proof: ProofMark
    note: Bilingual | None = None
    holidays: tuple[HolidayDocument, ...] = ()
    workdays: tuple[Day, ...] = ()  # weekend days that work

    @property
    def days_off(self) -> frozenset[int]:
        """Day numbers of all holidays."""
        return frozenset(day for holiday in self.holidays for day in holiday.days)

    @model_validator(mode="after")
    def _consistent(self) -> CalendarDocument:
        first, last = fiscal_year_start(self.calendar), fiscal_year_end(self.calendar)
        for day in sorted(self.days_off.union(self.workdays)):
            if not first <= day <= last:
                raise fault("CALENDAR-YEAR", day=date_text(day), year=self.calendar)
        for day in self.workdays:
            if is_weekday(day) or day in self.days_off:
                raise fault("CALENDAR-WORKDAY", day=date_text(day))
        return self
