"""What came of generating rule tests: the cases, and what no case was found for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules_service.authoring.atoms import Goal, Sort

__all__ = ["GeneratedCase", "GeneratedRule", "GeneratedTests", "Missed"]


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """A case as it is written; ``goals`` says what it shows, the one that it was made for first."""

    name: str
    rule: str
    region: str
    base: str
    request: Mapping[str, Any]
    expect: Mapping[str, str]
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A goal without a case: in words, and why (a key of the texts, ``generated.reason_…``)."""

    goal: Goal
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class GeneratedRule:
    """What came of one rule: ``wanted`` goals, of which ``existing`` are shown by tests that there are."""

    rule: str
    title: str
    wanted: tuple[Goal, ...] = ()
    existing: tuple[Goal, ...] = ()
    cases: tuple[GeneratedCase, ...] = ()
    missed: tuple[Missed, ...] = ()
    asked: int = 0
    active: bool = True

    def count(self, sort: Sort) -> tuple[int, int, int]:
        """Goals of one sort: wanted, existing, and made."""
        missed = sum(one.goal.sort is sort for one in self.missed)
        wanted, existing = (
            sum(goal.sort is sort for goal in goals) for goals in (self.wanted, self.existing)
        )
        return wanted, existing, wanted - existing - missed


@dataclass(frozen=True, slots=True)
class GeneratedTests:
    """The generated cases of some rules of a version."""

    version: str
    rules: tuple[GeneratedRule, ...]

    def totals(self) -> dict[str, int]:
        """All counts by name."""
        totals = {
            "rules": len(self.rules),
            "rules_inactive": sum(not rule.active for rule in self.rules),
            "cases": sum(len(rule.cases) for rule in self.rules),
        }
        for sort in Sort:
            counts = [rule.count(sort) for rule in self.rules]
            for number, name in enumerate(("wanted", "existing", "made")):
                totals[f"{sort.value}_{name}"] = sum(count[number] for count in counts)
        return totals
