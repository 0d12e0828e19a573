"""Which outcomes each rule of a ruleset can have, over all its regions and dates.

Nobody writes this down: it follows from the conditions, from the severities under their ceilings, from the
exemptions that hold somewhere, and from the parameters that some place fills in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules_service.compile.bundle import Bundle
from rules_service.compile.resolve import Rules, program_unit
from rules_service.compile.view import ViewCheck
from rules_service.model.subjects import ROOTS
from rules_service.values.outcomes import Outcome, Severity

__all__ = ["Possible", "possible_outcomes"]


@dataclass(frozen=True, slots=True, order=True)
class Possible:
    """An outcome; a FAIL with the level that its finding has."""

    outcome: Outcome
    severity: Severity | None = None

    def __str__(self) -> str:
        return self.outcome.value if self.severity is None else f"{self.outcome.value} {self.severity.name}"


def possible_outcomes(bundle: Bundle) -> dict[str, tuple[Possible, ...]]:
    """By rule, in the order of their ids, what it can say in some region on some day."""
    found: dict[str, set[Possible]] = {}
    for layer in bundle.source.layers:
        for day in bundle.rule_days(layer.region):
            rules = bundle.resolver.rules(layer.region, day)
            for check in rules.checks:
                found.setdefault(check.id, set()).update(_of_check(check, rules))
            for inactive in rules.inactive:
                if inactive.reason == "PARAM_EMPTY":
                    found.setdefault(inactive.check.id, set()).add(Possible(Outcome.NOT_APPLICABLE))
    return {rule: tuple(sorted(found[rule], key=_order)) for rule in sorted(found)}


def _order(possible: Possible) -> tuple[int, int]:
    return list(Outcome).index(possible.outcome), -(possible.severity or 0)


def _of_check(check: ViewCheck, rules: Rules) -> Iterator[Possible]:
    yield Possible(Outcome.PASS)
    yield Possible(Outcome.INDETERMINATE)  # a host may not hold any of the fields that a rule reads
    if check.unit.applies_when is not None or check.subject not in ROOTS:
        yield Possible(Outcome.NOT_APPLICABLE)
    if check.exempt_for & rules.exemptions:
        yield Possible(Outcome.EXEMPT)
    for step, _ in program_unit(check).severity:
        yield Possible(Outcome.FAIL, check.severities[step].level)
