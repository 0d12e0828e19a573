"""Decision tables answer as their cells say, in the fast form and in the explanation, missing or not."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from rules_service.compile.decision_tables import BuiltTable
from rules_service.language.checker import check
from rules_service.language.parser import parse
from rules_service.language.program import FAIL, INDETERMINATE, PASS, Program, generate
from rules_service.language.typed import CheckUnit, Env
from rules_service.model.catalogue import Catalogue
from rules_service.model.diagnostics import Source
from tests.compile.random_tables import (
    INPUTS,
    PARAMETERS,
    UNDECIDED,
    VALUES,
    built,
    domain,
    random_text,
    row_holds,
)

POINTS = 12  # asked of each table
FACTS = {
    "amount": "requested_fen",
    "year": "fiscal_year",
    "starts": "duration_start",
    "new": "is_new",
    "stage": "stage",
    "kind": "spend_form",
    "share": "prior_year_budget_fen",
}


def said(table: BuiltTable, names: list[str], values: tuple[Any, ...]) -> Any:
    """What a table says of some values, by its cells: ``(row, output)``, lists of both for ``collect``."""
    source, held = table.layered.source, []
    for row in source.rows:
        holds = row_holds(names, row.cells, values)
        if holds is None:
            return UNDECIDED
        if holds:
            held.append((row.number, int(row.output.text)))
            if table.layered.document.hit != "collect":
                return held[0]
    if table.layered.document.hit == "collect":
        return tuple(number for number, _ in held), tuple(output for _, output in held)
    return (0, 0) if source.otherwise is not None else UNDECIDED


def program(table: BuiltTable) -> Program:
    """A check that fails where the table says 1 (one that collects: where it lists a 1)."""
    text = "1 in table.t" if table.layered.document.hit == "collect" else "table.t == 1"
    env = Env(Catalogue.load(), PARAMETERS, "project", dict(table.lets), tables={"t": "project"})
    typed = check(parse(text, Source("c.yaml", 1, 1)), env, condition=True)
    assert typed.ok, typed.diagnostics
    unit = CheckUnit("T-1", "project", None, tuple(table.lets.items()), typed, ((0, None),), service="review")
    return generate([unit], sorted(PARAMETERS))


@pytest.mark.parametrize("seed", range(100))
@pytest.mark.parametrize("hit", ["first", "collect"])
def test_tables_say_what_their_cells_say(hit: str, seed: int) -> None:
    """Row, output and outcome are those of the cells' plain meaning; what is open names what is missing."""
    random = Random(f"{hit} {seed}")  # noqa: S311 - no secret
    text = random_text(random, hit, random.randint(1, 5), random.randint(1, 3))
    table = built(text)
    made = program(table)
    names = [one.name for one in table.layered.document.inputs]
    for _ in range(POINTS):
        values = tuple(random.choice([*domain(name), None]) for name in names)
        facts = dict(zip(map(FACTS.__getitem__, names), values, strict=True))
        if "share" in names and facts["prior_year_budget_fen"] is not None:
            facts["prior_year_budget_fen"] = int(facts["prior_year_budget_fen"] * 100)
        project = tuple(facts.get(slot) for slot in made.layout.of("project"))
        arguments = tuple(VALUES[name] for name in made.parameters)
        trace = made.explain(0, (), project, None, arguments)
        row, output = (value for _, value, _ in trace.lets[-2:])
        expected = said(table, names, values)
        assert expected == (UNDECIDED if row is None else (row, output)), (text, values)
        outputs = expected[1] if isinstance(expected[1], tuple) else (expected[1],)
        outcome = INDETERMINATE if expected == UNDECIDED else FAIL if 1 in outputs else PASS
        hits = made.evaluate(0, project, None, arguments)[0]
        assert outcome == (hits[0][2] if hits else PASS) == trace.outcome, (text, values)
        if outcome == INDETERMINATE:
            missing = {leaf.name for leaf in trace.undecided}
            lacking = {
                INPUTS[name][1].split()[0] for name, value in zip(names, values, strict=True) if value is None
            }
            assert missing, (text, values)
            assert missing <= lacking | {"table.t"}, (text, values)
