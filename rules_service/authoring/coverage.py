"""What the rule tests of a ruleset cover: rules, and the outcomes that each of them can have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules_service.authoring.running import Result
from rules_service.compile.possible import Possible
from rules_service.values.outcomes import Outcome, Severity

__all__ = ["Coverage", "measure"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """By rule, which of its possible outcomes some passing test of it expects."""

    possible: Mapping[str, tuple[Possible, ...]]
    covered: frozenset[tuple[str, Possible]]

    @property
    def outcomes_possible(self) -> int:
        """How many outcomes all rules together can have."""
        return sum(map(len, self.possible.values()))

    @property
    def outcomes_covered(self) -> int:
        """How many of them are expected by a test."""
        return len(self.covered)

    @property
    def rules_covered(self) -> int:
        """How many rules have a test."""
        return len({rule for rule, _ in self.covered})

    def totals(self) -> dict[str, int]:
        """All counts by name."""
        return {
            "rules": len(self.possible),
            "rules_covered": self.rules_covered,
            "outcomes_possible": self.outcomes_possible,
            "outcomes_covered": self.outcomes_covered,
        }

    @property
    def uncovered(self) -> list[tuple[str, Possible]]:
        """The outcomes that no test expects, in the order of the rules."""
        return [
            (rule, outcome)
            for rule, outcomes in self.possible.items()
            for outcome in outcomes
            if (rule, outcome) not in self.covered
        ]


def measure(results: Iterable[Result], possible: Mapping[str, Sequence[Possible]]) -> Coverage:
    """The coverage by the tests that passed; a test that says nothing of a rule covers none of it.

    Where a rule can fail at several levels, only a test that names the level covers it.
    """
    covered = set()
    for result in results:
        rule, expect = result.test.rule, result.test.expect
        if result.differences or "outcome" not in expect or rule not in possible:
            continue
        levels = [one for one in possible[rule] if one.outcome is Outcome.FAIL]
        outcome = Possible(Outcome(expect["outcome"]))
        if outcome.outcome is Outcome.FAIL:
            if len(levels) > 1 and "severity" not in expect:
                continue
            outcome = Possible(Outcome.FAIL, Severity[result.severity])
        if outcome in possible[rule]:
            covered.add((rule, outcome))
    return Coverage({rule: tuple(outcomes) for rule, outcomes in possible.items()}, frozenset(covered))
