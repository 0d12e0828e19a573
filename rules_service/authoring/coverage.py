"""What the rule tests of a ruleset cover: rules, outcomes, branches, and both sides of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rules_service.authoring.branches import Branch, Branches
from rules_service.authoring.cases import Case, Cases
from rules_service.authoring.recorder import Recorder, recording
from rules_service.authoring.running import Result
from rules_service.authoring.watched import Row
from rules_service.authoring.workers import spread
from rules_service.compile.possible import Possible
from rules_service.compile.view import ViewCheck
from rules_service.engine.prepared import Prepared
from rules_service.values.outcomes import Outcome, Severity

__all__ = ["BranchCoverage", "Coverage", "branch_coverage", "outcome_coverage"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """By rule, which of its possible outcomes some passing test of it expects."""

    possible: Mapping[str, tuple[Possible, ...]]
    covered: frozenset[tuple[str, Possible]]

    def totals(self) -> dict[str, int]:
        """All counts by name."""
        return {
            "rules": len(self.possible),
            "rules_covered": len({rule for rule, _ in self.covered}),
            "outcomes_possible": sum(map(len, self.possible.values())),
            "outcomes_covered": len(self.covered),
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


def outcome_coverage(results: Iterable[Result], possible: Mapping[str, Sequence[Possible]]) -> Coverage:
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


@dataclass(slots=True)
class BranchCoverage:
    """Branches of rules, parameters by id, and rows of tables, that there are and that tests reach.

    ``words`` says in zh and en what must be so for a part of a condition.
    """

    possible: set[Branch] = field(default_factory=set)
    covered: set[Branch] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    sides: set[tuple[str, bool]] = field(default_factory=set)
    words: dict[Branch, tuple[str, str]] = field(default_factory=dict)
    rows: frozenset[Row] = frozenset()
    rows_used: frozenset[Row] = frozenset()

    def totals(self) -> dict[str, int]:
        """All counts by name."""
        return {
            "branches": len(self.possible),
            "branches_covered": len(self.possible & self.covered),
            "parameters": len(self.parameters),
            "parameters_covered": len(self.parameters) - len(self.one_sided),
            "table_rows": len(self.rows),
            "table_rows_covered": len(self.rows & self.rows_used),
        }

    @property
    def uncovered(self) -> list[Branch]:
        """The branches that no test takes."""
        return sorted(self.possible - self.covered)

    @property
    def unused_rows(self) -> list[Row]:
        """The rows of tables that answer for no test."""
        return sorted(self.rows - self.rows_used)

    @property
    def one_sided(self) -> list[str]:
        """The parameters that are not met on both sides."""
        return sorted(name for name in self.parameters if not {(name, True), (name, False)} <= self.sides)


def branch_coverage(cases: Cases, rules: frozenset[str], *, workers: int | None = None) -> BranchCoverage:
    """The branches of some rules that their tests take."""
    found = BranchCoverage(rows=cases.all_rows, rows_used=cases.rows)
    known: set[tuple[object, ...]] = set()
    for station in cases.in_force.stations:
        active = cases.resolver.rules(*station, rules)
        for check in active.checks:
            values = {name: active.values[name].value for name in check.parameters}
            key = (id(check.unit), check.severities, tuple(values.values()))
            if key not in known:
                known.add(key)
                found.rows |= {(f"table.{one.id}", str(row)) for one in check.tables for row in one.rows}
                _possible(check, values, found)
    for taken, sides, rows in spread(lambda rule: _of_rule(cases, rule), sorted(rules), workers=workers):
        found.covered |= taken
        found.sides |= sides
        found.rows_used |= rows
    return found


def _possible(check: ViewCheck, values: Mapping[str, object], found: BranchCoverage) -> None:
    branches = Branches(check)
    found.possible.update(branches.possible(values))
    found.parameters.update(name for name in branches.parameters() if values[name] is not None)
    found.words.update(branches.words())


def _of_rule(cases: Cases, rule: str) -> tuple[set[Branch], set[tuple[str, bool]], set[Row]]:
    """The branches that the tests of a rule take, the sides of parameters that they meet, and table rows."""
    taken: set[Branch] = set()
    sides: set[tuple[str, bool]] = set()
    rows: set[Row] = set()
    recorders: dict[int, tuple[Prepared, Recorder, Branches]] = {}
    only = cases.in_force.asked(frozenset({rule}))
    for case in cases.of_rule.get(rule, ()):
        for prepared, recorder, branches in _recording(cases, case, rule, only, recorders):
            recorder.traces.clear()
            cases.ask(prepared, case)
            for trace in recorder.traces:
                taken.update(branches.taken(trace))
                sides.update(branches.sides(trace))
                rows.update(branches.rows(trace))
    return taken, sides, rows


def _recording(
    cases: Cases,
    case: Case,
    rule: str,
    only: frozenset[str],
    recorders: dict[int, tuple[Prepared, Recorder, Branches]],
) -> Iterator[tuple[Prepared, Recorder, Branches]]:
    """What records a rule where a case asks for it; nothing where it does not run."""
    plain = cases.prepared(case, only)
    checks = [check for check in plain.view.checks if check.id == rule]
    for check in checks:
        if id(plain) not in recorders:
            branches = Branches(check)
            view, recorder = recording(plain.view, rule, branches.parts)
            recorders[id(plain)] = (cases.ready(view), recorder, branches)
        yield recorders[id(plain)]
