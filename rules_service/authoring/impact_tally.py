"""What an impact adds up to: matrices, departments, rules, reasons and lines that could not be answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from rules_service.authoring.history_files import Refused
from rules_service.authoring.impact_rows import ALERTS, Reason, Row, is_newly_failing, rank

__all__ = ["EXAMPLES", "ByDepartment", "ByRule", "Cell", "Tally"]

EXAMPLES: Final = 20
"""Of how many projects reasons are kept for each rule; engineering default."""


@dataclass(slots=True)
class Cell:
    """How many projects, and their money; of ``unknown`` of them no amount is known."""

    projects: int = 0
    amount_fen: int = 0
    unknown: int = 0

    def add(self, row: Row) -> None:
        """Count a project."""
        self.projects += 1
        self.amount_fen += row.amount_fen or 0
        self.unknown += row.amount_fen is None


@dataclass(slots=True)
class ByDepartment:
    """A department's projects: all, those that stand worse or better, and alerts gained and lost."""

    every: Cell = field(default_factory=Cell)
    worse: Cell = field(default_factory=Cell)
    better: Cell = field(default_factory=Cell)
    alerts_gained: Counter[str] = field(default_factory=Counter)
    alerts_lost: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class ByRule:
    """A rule's findings gained and lost by what they say (``FAIL RETURN``), and in how many projects.

    ``flips`` are the projects that stand otherwise with a change of this rule; of the first ``EXAMPLES`` the
    reasons are kept, by the place of the project.
    """

    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    projects_gained: int = 0
    projects_lost: int = 0
    flips: int = 0
    examples: list[tuple[str, Reason]] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Filled row by row in the order of the history; equal rows give equal tallies.

    ``matrix`` is by service, old word, new word; ``grades`` by old and new word of the place, where these
    differ; ``alerts_gained`` and ``alerts_lost`` are by level.
    """

    lines: int = 0
    elsewhere: int = 0
    refused: list[Refused] = field(default_factory=list)
    same: int = 0
    differing_records: int = 0
    every: Cell = field(default_factory=Cell)
    flips: int = 0
    newly_failing: Cell = field(default_factory=Cell)
    matrix: dict[tuple[str, str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    grades: dict[tuple[str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    alerts_gained: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))
    alerts_lost: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))
    departments: dict[str, ByDepartment] = field(default_factory=lambda: defaultdict(ByDepartment))
    rules: dict[str, ByRule] = field(default_factory=lambda: defaultdict(ByRule))

    def add(self, row: Row | Refused | None) -> None:
        """Count what became of a line."""
        self.lines += 1
        if row is None:
            self.elsewhere += 1
        elif isinstance(row, Refused):
            self.refused.append(row)
        else:
            self._add(row)

    def _add(self, row: Row) -> None:
        self.every.add(row)
        self.same += row.same
        self.differing_records += row.differs_from_record
        self.matrix[row.service, row.old.word, row.new.word].add(row)
        department = self.departments[row.department]
        department.every.add(row)
        self._findings(row)
        if not row.flips:
            return
        self.flips += 1
        if is_newly_failing(row):
            self.newly_failing.add(row)
        if row.old.grade != row.new.grade:
            self.grades[row.old.grade, row.new.grade].add(row)
        before, after = rank(row.old.word), rank(row.new.word)
        if before != after:
            (department.worse if after > before else department.better).add(row)
        if row.service == "assess" and row.old.word != row.new.word:
            if row.new.word in ALERTS:
                self.alerts_gained[row.new.word].add(row)
                department.alerts_gained[row.new.word] += 1
            if row.old.word in ALERTS:
                self.alerts_lost[row.old.word].add(row)
                department.alerts_lost[row.old.word] += 1

    def _findings(self, row: Row) -> None:
        for facts, gained in ((row.gained, True), (row.lost, False)):
            for name in dict.fromkeys(fact.rule for fact in facts):
                if gained:
                    self.rules[name].projects_gained += 1
                else:
                    self.rules[name].projects_lost += 1
            for fact in facts:
                rule = self.rules[fact.rule]
                (rule.gained if gained else rule.lost)[f"{fact.outcome} {fact.level}"] += fact.times
        for reason in row.reasons:
            rule = self.rules[reason.rule]
            rule.flips += 1
            if len(rule.examples) < EXAMPLES:
                rule.examples.append((row.place, reason))
