"""The view of a place and date, as the verbs for rules name them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from rules_service.cli.exits import Exit, Problem
from rules_service.compile.bundle import Bundle, UnknownRegionError
from rules_service.compile.view import InactiveCheck, View, ViewCheck
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = ["all_checks", "check_of", "rule_day", "view_of"]


def rule_day(date: str | None) -> int:
    """The day number of a rule date, today's by default; raises ``Problem``."""
    try:
        return (
            datetime.now(ZoneInfo("Asia/Shanghai")).date().toordinal() if date is None else parse_date(date)
        )
    except DateSyntaxError:
        raise Problem(Exit.USAGE, "rules.no_date", date=date) from None


def view_of(bundle: Bundle, region: str, date: str | None) -> View:
    """The view of a region (the root when empty) on a rule date (today by default); raises ``Problem``."""
    try:
        return bundle.view(region, rule_day(date))
    except UnknownRegionError:
        raise Problem(Exit.RULESET, "rules.no_region", region=region) from None


def all_checks(view: View) -> Iterator[tuple[ViewCheck, InactiveCheck | None]]:
    """Every check of a view by id, with the reason if it does not run."""
    found: dict[str, tuple[ViewCheck, InactiveCheck | None]] = {
        check.id: (check, None) for check in view.checks
    }
    found |= {inactive.check.id: (inactive.check, inactive) for inactive in view.inactive}
    for name in sorted(found):
        yield found[name]


def check_of(view: View, rule: str) -> tuple[ViewCheck, InactiveCheck | None]:
    """One check of a view; raises ``Problem``."""
    for check, inactive in all_checks(view):
        if check.id == rule:
            return check, inactive
    raise Problem(Exit.RULESET, "rules.no_such_rule", rule=rule)
