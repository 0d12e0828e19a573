"""A request as the facts see it: what was provided, what the host does not hold, and its dates."""

from __future__ import annotations

from dataclasses import dataclass

from rules_service.facts.fields import HISTORY_SECTION, REPORT_SECTION, field_names
from rules_service.pb.budget.rules.v1.application_pb2 import BudgetApplication
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import RequestContext, ReviewRequest
from rules_service.values.dates import DateSyntaxError, fiscal_year_start, parse_date
from rules_service.values.numbers import NumberSyntaxError, parse_fixed

__all__ = ["RequestDates", "Source", "held_out", "parsed_date", "parsed_decimal", "request_dates"]

Request = ReviewRequest | AssessRequest


@dataclass(frozen=True, slots=True)
class RequestDates:
    """Day numbers of the three dates of a request; ``None`` where it neither holds nor implies one.

    ``rule_date`` defaults to 1 January of the fiscal year (review) or to ``as_of`` (monitoring);
    ``as_of`` is the report's (monitoring), else the context's, else the rule date.
    ``evaluated_on`` has no default here: the server puts its own date in.
    """

    rule_date: int | None
    as_of: int | None
    evaluated_on: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """What a request's facts are read from.

    ``provided`` holds numbers of the enum ``Section``; ``not_held`` pairs of subject and field path.
    """

    request: Request
    provided: frozenset[int]
    not_held: frozenset[tuple[str, tuple[str, ...]]]
    dates: RequestDates
    is_review: bool

    @property
    def project(self) -> BudgetApplication:
        """The application."""
        return self.request.project

    def holds(self, subject: str, path: tuple[str, ...]) -> bool:
        """Whether the host has the field ``path`` of ``subject`` at all."""
        return not self.not_held or not any(
            (subject, path[:length]) in self.not_held for length in range(1, len(path) + 1)
        )

    def provides(self, section: int) -> bool:
        """Whether a section was provided; section 0, the project's own fields, always is."""
        return not section or section in self.provided

    @property
    def has_report(self) -> bool:
        """Whether there is a report to read."""
        return not self.is_review and REPORT_SECTION in self.provided

    @property
    def has_history(self) -> bool:
        """Whether the history of earlier checkpoints is known."""
        return not self.is_review and HISTORY_SECTION in self.provided


def held_out(names: tuple[str, ...]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """The fields that ``not_held`` names; names that mean nothing are left to the structure check."""
    known = field_names()
    return frozenset(known[name] for name in names if name in known)


def parsed_date(text: str) -> int | None:
    """The day number of a date text, ``None`` if it is blank or no date."""
    try:
        return parse_date(text)
    except DateSyntaxError:
        return None


def parsed_decimal(text: str) -> int | None:
    """A decimal text in units of 10⁻¹², ``None`` if it is blank or not of the grammar."""
    try:
        return parse_fixed(text)
    except NumberSyntaxError:
        return None


def request_dates(request: Request, evaluated_on: int | None = None) -> RequestDates:
    """The dates of a request with their defaults; ``evaluated_on`` is the day of the answer, if known."""
    context: RequestContext = request.context
    own = parsed_date(context.rule_date)
    as_of = parsed_date(context.as_of)
    evaluated_on = parsed_date(context.evaluated_on) if evaluated_on is None else evaluated_on
    if isinstance(request, AssessRequest):
        if request.report.as_of:
            as_of = parsed_date(request.report.as_of)
        rule_date = as_of if not context.rule_date else own
        return RequestDates(rule_date, as_of if as_of is not None else None, evaluated_on)
    rule_date = own if context.rule_date else _first_day(request.project.fiscal_year)
    return RequestDates(rule_date, as_of if context.as_of else rule_date, evaluated_on)


def _first_day(year: int) -> int | None:
    return fiscal_year_start(year) if 1 <= year <= 9999 else None
