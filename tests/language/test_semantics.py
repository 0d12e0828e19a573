"""Every case of tests/testdata/semantics, by the fast form, the detailed form and the explanation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rules_service.language.called import CALENDAR
from rules_service.language.program import Program
from rules_service.language.typed import Env, ParameterType, fact_kind
from rules_service.model.catalogue import Catalogue
from tests.language.reference import Reference
from tests.language.support import (
    CALENDAR_2025,
    TESTDATA,
    TRUTH,
    Record,
    fact_tuple,
    literal,
    parameter_type,
    program_of,
    unit,
)

FILES = sorted((TESTDATA / "semantics").glob("*.csv"))
EXPECTED = {"true": True, "false": False, "missing": None}
LISTS = {"goal": ("project", "goals"), "indicator": ("goal", "indicators"), "item": ("project", "items")}
PARAMETERS = {
    "red": "points",
    "min": "money",
    "year": "count",
    "sectors": "list<code>",
    "rates": "table<rate>",
}


@dataclass(frozen=True)
class Case:
    """One line of a file."""

    subject: str
    expression: str
    facts: str
    expected: str
    note: str


def read(path: Path) -> list[Case]:
    """The cases of one file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Case(*line.split(";")) for line in lines[1:]]


class World:
    """The facts and parameters of one case."""

    def __init__(self, case: Case) -> None:
        self.catalogue = Catalogue.load()
        self.types: dict[str, ParameterType] = {}
        self.parameters: dict[str, Any] = {CALENDAR: CALENDAR_2025}
        self.project: Record = {}
        self.report: Record = {}
        self.chain: dict[str, Record] = {"project": self.project, "report": self.report}
        if case.subject in {"goal", "indicator", "item"}:
            self._element("goal" if case.subject != "item" else "item", 0)
        for part in filter(None, case.facts.split(" | ")):
            name, _, text = part.partition("=")
            self._set(name, text)

    def env(self, subject: str) -> Env:
        """Types of what the case names."""
        return Env(self.catalogue, self.types, subject)

    def _element(self, subject: str, index: int) -> Record:
        parent, slot = LISTS[subject]
        holder = self._element(parent, 0) if parent in LISTS else self.chain[parent]
        items = holder.setdefault(slot, [])
        while len(items) <= index:
            items.append({"subject": subject})
        record: Record = items[index]
        return record

    def _set(self, name: str, text: str) -> None:
        if name.startswith("param."):
            self._set_parameter(name.removeprefix("param."), text)
            return
        has = name.startswith("has:")
        fact = self.catalogue[name.removeprefix("has:")]
        slot = f"has:{fact.short}" if has else fact.short
        kind = fact_kind(fact)
        env = self.env("project")
        if fact.subject in LISTS and fact.subject != "goal":
            inner = text.removeprefix("[").removesuffix("]")
            for index, item in enumerate(inner.split(",")):
                value = item.strip() == "true" if has and item.strip() != "?" else None
                value = value if has else literal(item.strip(), kind, env)
                self._element(fact.subject, index)[slot] = value
            return
        holder = self._element("goal", 0) if fact.subject == "goal" else self.chain[fact.subject]
        if kind.subject is not None:
            holder[slot] = [] if text == "[]" else None
        else:
            holder[slot] = literal(text, kind, env)

    def _set_parameter(self, name: str, text: str) -> None:
        value, _, operator = text.rpartition(" ")
        self.types[name] = parameter_type(PARAMETERS[name], operator)
        read_value = literal(value, self.types[name].type, self.env("project"))
        self.parameters[name] = tuple(read_value) if type(read_value) is list else read_value

    def outcomes(self, case: Case) -> dict[str, bool | None]:
        """The truth of the case's expression by every form that the language has."""
        check = unit(case.expression, self.env(case.subject))
        program, values = program_of([check], self.parameters)
        project = fact_tuple(program.layout, self.catalogue, "project", self.project)
        report = fact_tuple(program.layout, self.catalogue, "report", self.report)
        indices = {"project": (), "report": ()}.get(case.subject, (0,))
        return {
            "fast": fast(program, project, report, values, indices),
            "detailed": detailed(program, project, report, values, indices),
            "explained": TRUTH[program.explain(0, indices, project, report, values).outcome],
            "reference": Reference(self.catalogue, self.types, self.parameters).condition(
                check.fails_when.tree.root, self._scope(case.subject)
            ),
        }

    def _scope(self, subject: str) -> dict[str, Record]:
        scope = dict(self.chain)
        if subject in LISTS:
            scope[subject] = self._element(subject, 0)
        return scope


def fast(program: Program, project: Any, report: Any, values: Any, indices: tuple[int, ...]) -> bool | None:
    """The outcome of the only check on one subject; without a hit it passed."""
    hits, passed, skipped = program.evaluate(0, project, report, values, service=program.units[0].service)
    assert skipped == [0]
    found = [code for _, at, code in hits if at == indices]
    assert len(found) + passed[0] >= 1
    return TRUTH[found[0]] if found else False


def detailed(
    program: Program, project: Any, report: Any, values: Any, indices: tuple[int, ...]
) -> bool | None:
    """The outcome by the form that lists every subject."""
    hits, _, _ = program.evaluate(
        0, project, report, values, detail_all=True, service=program.units[0].service
    )
    (code,) = [code for _, at, code in hits if at == indices]
    return TRUTH[code]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{path.stem}:{number}")
        for path in FILES
        for number, case in enumerate(read(path), 2)
    ],
)
def test_case(case: Case) -> None:
    expected = EXPECTED[case.expected]
    outcomes = World(case).outcomes(case)
    assert outcomes == dict.fromkeys(outcomes, expected), f"{case.expression} ({case.note})"


def test_cases_are_distinct() -> None:
    cases = [case for path in FILES for case in read(path)]
    keys = [(case.subject, case.expression, case.facts) for case in cases]
    assert len(keys) == len(set(keys)) > 200
