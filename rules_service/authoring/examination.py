"""Examines the rule tests of a ruleset: do they pass, what do they cover, what do they not notice?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rules_service import api
from rules_service.authoring.cases import Cases
from rules_service.authoring.coverage import BranchCoverage, Coverage, branch_coverage, outcome_coverage
from rules_service.authoring.equivalents import Equivalent, equivalents
from rules_service.authoring.in_force import InForce
from rules_service.authoring.mutants import Mutant, mutants
from rules_service.authoring.rule_tests import rule_tests
from rules_service.authoring.running import Result, run
from rules_service.authoring.trials import Fate, Trials, Verdict
from rules_service.authoring.workers import spread
from rules_service.compile.bundle import Bundle
from rules_service.compile.possible import possible_outcomes

__all__ = ["Examination", "Mutation", "examine"]

# Neighbours that one process takes: their views and rules are then ready.
_TESTS = 40
_MUTANTS = 16


@dataclass(frozen=True, slots=True)
class Mutation:
    """What came of all mutants, in their order, and what is wrong with the list of equivalents."""

    verdicts: tuple[tuple[Mutant, Verdict], ...] = ()
    listed: Mapping[str, Equivalent] = field(default_factory=dict)
    faults: tuple[tuple[Equivalent, str], ...] = ()

    def count(self, fate: Fate) -> int:
        """How many mutants ended so."""
        return sum(verdict.fate is fate for _, verdict in self.verdicts)

    @property
    def survivors(self) -> list[tuple[Mutant, Verdict]]:
        """The mutants that no test notices, nobody has proven equal, and no reason is given for."""
        return [
            (mutant, verdict)
            for mutant, verdict in self.verdicts
            if verdict.fate is Fate.SURVIVED and mutant.id not in self.listed
        ]

    @property
    def explained(self) -> list[tuple[Mutant, Equivalent]]:
        """The mutants that no test notices for a reason that is given."""
        return [
            (mutant, self.listed[mutant.id])
            for mutant, verdict in self.verdicts
            if verdict.fate is Fate.SURVIVED and mutant.id in self.listed
        ]

    @property
    def share(self) -> float:
        """Survivors among the mutants that are not proven equal."""
        among = len(self.verdicts) - self.count(Fate.EQUIVALENT)
        return len(self.survivors) / among if among else 0.0


@dataclass(frozen=True, slots=True)
class Examination:
    """What an examination found; ``branches`` and ``mutation`` are ``None`` where they were not asked for."""

    results: tuple[Result, ...]
    coverage: Coverage
    branches: BranchCoverage | None
    mutation: Mutation | None

    @property
    def failed(self) -> list[Result]:
        """The tests that do not pass."""
        return [result for result in self.results if result.differences]

    @property
    def unconfirmed(self) -> list[Result]:
        """The generated tests that no person has confirmed: they cover nothing."""
        return [result for result in self.results if not result.test.confirmed]

    def totals(self) -> dict[str, int]:
        """All counts by name."""
        totals = {
            "tests": len(self.results),
            "failures": len(self.failed),
            "unconfirmed": len(self.unconfirmed),
            **self.coverage.totals(),
        }
        if self.branches is not None:
            totals |= self.branches.totals()
        mutation = self.mutation
        if mutation is not None:
            totals |= {
                "mutants": len(mutation.verdicts),
                "mutants_killed": mutation.count(Fate.KILLED),
                "mutants_equivalent": mutation.count(Fate.EQUIVALENT),
                "mutants_explained": len(mutation.explained),
                "mutants_survived": len(mutation.survivors),
            }
        return totals


def examine(
    rules: api.Rules,
    bundle: Bundle,
    *,
    rule: str | None = None,
    branches: bool = True,
    mutation: bool = True,
    workers: int | None = None,
) -> Examination:
    """Run the tests, all or those of one ``rule``; look at ``branches``, and try out mutants.

    Only confirmed tests cover anything, and only they can notice a mutant.
    """
    tests = [test for test in rule_tests(bundle.source) if rule is None or test.rule == rule]
    results = tuple(spread(lambda test: run(test, rules), tests, workers=workers, at_a_time=_TESTS))
    possible = {
        name: outcomes for name, outcomes in possible_outcomes(bundle).items() if rule is None or name == rule
    }
    confirmed = [result for result in results if result.test.confirmed]
    coverage = outcome_coverage(confirmed, possible)
    if not branches and not mutation:
        return Examination(results, coverage, None, None)
    in_force = InForce(bundle)
    cases = Cases(rules, bundle, in_force, (result.test for result in confirmed if not result.differences))
    taken = branch_coverage(cases, frozenset(possible), workers=workers) if branches else None
    if not mutation:
        return Examination(results, coverage, taken, None)
    chosen = [
        mutant for mutant in mutants(bundle, in_force) if rule is None or mutant.rules == frozenset({rule})
    ]
    cases.reading(frozenset())  # worked out before the processes part
    verdicts = spread(Trials(cases, bundle).try_out, chosen, workers=workers, at_a_time=_MUTANTS)
    return Examination(results, coverage, taken, _mutation(bundle, chosen, verdicts, whole=rule is None))


def _mutation(
    bundle: Bundle, chosen: Sequence[Mutant], verdicts: Iterable[Verdict], *, whole: bool
) -> Mutation:
    tried = tuple(
        (mutant, verdict)
        for mutant, verdict in zip(chosen, verdicts, strict=True)
        if verdict.fate is not Fate.NO_RULE
    )
    fates = {mutant.id: verdict.fate for mutant, verdict in tried}
    entries = [entry for entry in equivalents(bundle.source) if whole or entry.mutant in fates]
    faults = tuple((entry, fault) for entry in entries if (fault := _fault(entry, fates)))
    return Mutation(tried, {entry.mutant: entry for entry in entries}, faults)


def _fault(entry: Equivalent, fates: Mapping[str, Fate]) -> str:
    if entry.fault:
        return entry.fault
    fate = fates.get(entry.mutant)
    return {
        None: "there is no such mutant any more",
        Fate.KILLED: "a test notices the mutant",
        Fate.EQUIVALENT: "the mutant is proven equal; no entry is needed",
    }.get(fate, "")
