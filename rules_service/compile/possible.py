"""Which outcomes each rule of a ruleset can have, over all its regions and dates.

Nobody writes this down: it follows from the conditions, from the severities under their ceilings, from the
exemptions that hold somewhere, and from the parameters that some place fills in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules_service.compile.behaviour import behaviour, conditions_of
from rules_service.compile.bundle import Bundle
from rules_service.compile.resolve import program_unit
from rules_service.compile.view import ViewCheck
from rules_service.language.states import TooManyStatesError
from rules_service.language.truth import TruthTables
from rules_service.language.typed import CheckUnit
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
    known: dict[tuple[object, ...], tuple[CheckUnit, frozenset[Possible]]] = {}
    for layer in bundle.source.layers:
        for day in bundle.rule_days(layer.region):
            rules = bundle.resolver.rules(layer.region, day)
            for check in rules.checks:
                values = {name: rules.values[name].value for name in check.parameters}
                exempt = bool(check.exempt_for & rules.exemptions)
                key = (id(check.unit), check.severities, tuple(values.values()), exempt)
                if key not in known:
                    known[key] = (check.unit, frozenset(_of_check(check, values, exempt=exempt)))
                found.setdefault(check.id, set()).update(known[key][1])
            for inactive in rules.inactive:
                if inactive.reason == "PARAM_EMPTY":
                    found.setdefault(inactive.check.id, set()).add(Possible(Outcome.NOT_APPLICABLE))
    return {rule: tuple(sorted(found[rule], key=_order)) for rule in sorted(found)}


def _order(possible: Possible) -> tuple[int, int]:
    return list(Outcome).index(possible.outcome), -(possible.severity or 0)


def _of_check(check: ViewCheck, values: Mapping[str, Any], *, exempt: bool) -> Iterator[Possible]:
    """What a check can say with these values of its parameters; all that it names, if it reads too much."""
    if exempt:
        yield Possible(Outcome.EXEMPT)
        yield Possible(Outcome.INDETERMINATE)  # claimed, but not documented
    if check.subject not in ROOTS:
        yield Possible(Outcome.NOT_APPLICABLE)  # the list is empty
        yield Possible(Outcome.INDETERMINATE)  # the list was not sent
    elif check.subject == "report":
        yield Possible(Outcome.INDETERMINATE)
    try:
        said = behaviour(check, values, TruthTables(conditions_of(check, values)))
    except TooManyStatesError:
        yield from map(Possible, (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INDETERMINATE))
        steps = {number: 1 for number, _ in program_unit(check).severity}
    else:
        kinds = {
            Outcome.NOT_APPLICABLE: said.not_applicable,
            Outcome.PASS: said.passed,
            Outcome.INDETERMINATE: said.undecided,
        }
        yield from (Possible(outcome) for outcome, states in kinds.items() if states)
        steps = dict(said.steps)
    yield from (Possible(Outcome.FAIL, check.severities[step].level) for step in steps if steps[step])
