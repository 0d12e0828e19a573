"""The working days of a place: those of its layers, a lower layer's year in place of the same year above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.ruleset import LayerSource
from rules_service.values.calendar import WorkCalendar

__all__ = ["check_calendars", "work_calendar"]


def work_calendar(layers: Iterable[LayerSource]) -> WorkCalendar:
    """The calendar of a chain of active layers; without any it knows no year."""
    years = {document.calendar: document for layer in layers for document in layer.calendars}
    return WorkCalendar(
        frozenset(years),
        frozenset(day for document in years.values() for day in document.days_off),
        frozenset(day for document in years.values() for day in document.workdays),
    )


def check_calendars(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """A layer states each year once."""
    for layer in layers:
        known: set[int] = set()
        for document in layer.calendars:
            if document.calendar in known:
                found.add("CALENDAR-TWICE", document.mark.value("calendar"), year=document.calendar)
            known.add(document.calendar)
