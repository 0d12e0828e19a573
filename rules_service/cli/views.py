"""The view of a place and date, as the verbs for rules name them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from rules_service.cli.exits import Exit, Problem
from rules_service.compile.bundle import Bundle, UnknownRegionError
from rules_service.compile.view import InactiveCheck, View, ViewCheck
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = ["all_checks", "check_of", "view_of"]


def view_of(bundle: Bundle, region: str, date: str | None) -> View:
    """The view of a region (the root when empty) on a rule date (today by default); raises ``Problem``."""
    try:
        day = datetime.now(ZoneInfo("Asia/Shanghai")).date().toordinal() if date is None else parse_date(date)
        return bundle.view(region, day)
    except DateSyntaxError:
        raise Problem(Exit.USAGE, "rules.no_date", date=date) from None
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
