"""Generated code against the reference interpreter, on random checks of the whole language.

The fast form, the detailed form and the explanation must say what the reference says: outcome, values of
``let``, severity and open severity; an undecided check names at least one leaf.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from rules_service.language.program import FAIL, INDETERMINATE, NOT_APPLICABLE, PASS, Program, generate
from rules_service.language.typed import CheckUnit
from tests.language.expressions import PARAMETERS, TYPES, Maker, facts, parameter_values
from tests.language.reference import Reference, plain
from tests.language.support import environment, fact_tuple, small_catalogue, unit

SEED = int(os.environ.get("DIFFERENTIAL_SEED", "20221122"))
BATCHES = int(os.environ.get("DIFFERENTIAL_BATCHES", "12"))
CHECKS = 60
LET_KINDS = ("money", "rate", "points", "count", "score", "quantity", "number", "date", "boolean")


def random_check(rng: Random, number: int) -> CheckUnit:
    """A check of ``goal`` with everything a check may have."""
    maker = Maker(rng, shared=False)
    lets = []
    for index in range(rng.choice((0, 0, 1, 2, 3))):
        kind = rng.choice(LET_KINDS)
        text = maker.boolean(2)[0] if kind == "boolean" else maker.value(kind, 2)[0]
        lets.append((f"named{index}", text))
        if kind != "boolean":
            maker.lets[f"named{index}"] = kind
    named = [name for name, text in lets if name not in maker.lets]
    fails = maker.boolean(rng.choice((1, 2, 3, 4)))[0]
    for name in named:
        fails = rng.choice(
            (
                f"({fails}) && {name}",
                f"{name} || {fails}",
                f"({fails}) == {name}",
                f"({name} ? {fails} : {name})",
            )
        )
    applies = maker.boolean(2)[0] if rng.random() < 0.4 else None
    steps: list[tuple[int, str | None]] = [(4, maker.boolean(1)[0]), (3, maker.boolean(2)[0]), (2, None)]
    return unit(
        fails,
        environment("goal", parameters=TYPES),
        number=number,
        applies=applies,
        lets=lets,
        severity=steps[rng.randrange(3) :],
        refs=("goal.title", "project.budget"),
    )


def expected_outcome(applies: bool | None, fails: bool | None) -> int:
    """semantics.md, A check, by its words."""
    if applies is False:
        return NOT_APPLICABLE
    both = False if fails is False else None if applies is None or fails is None else True
    return {True: FAIL, False: PASS, None: INDETERMINATE}[both]


def expected_severity(steps: list[tuple[int, bool | None]]) -> tuple[int | None, int | None]:
    """The first step that is true, and the highest undecided one above it."""
    opened = None
    for level, truth in steps:
        if truth is True:
            return level, opened
        if truth is None and opened is None:
            opened = level
    return None, opened


def compare(
    check: CheckUnit,
    number: int,
    program: Program,
    scope: dict[str, Any],
    values: dict[str, Any],
    answers: dict[str, Any],
) -> int:
    """Check one check on the first goal; its outcome."""
    lets = {name: value.tree.root for name, value in check.lets}
    reference = Reference(small_catalogue(), TYPES, values, lets)

    def truth(typed: Any) -> bool | None:
        return True if typed is None else reference.condition(typed.tree.root, scope)

    outcome = expected_outcome(truth(check.applies_when), truth(check.fails_when))
    what = f"check {number}: applies {check.applies_when and check.applies_when.tree.text!r}, fails {check.fails_when.tree.text!r}, lets {[(n, t.tree.text) for n, t in check.lets]}"
    assert answers["fast"].get(number, PASS if outcome == PASS else NOT_APPLICABLE) == outcome, what
    assert answers["detailed"][number] == outcome, what
    trace = program.explain(number, (0,), answers["project"], None, answers["parameters"])
    assert trace.outcome == outcome, what
    assert (trace.applies, trace.fails) == (truth(check.applies_when), truth(check.fails_when)), what
    assert bool(trace.undecided) or outcome != INDETERMINATE, what
    for name, value, kind in trace.lets:
        assert plain(value, kind) == reference.value(lets[name], dict(scope)), f"{name} of {what}"
    steps = [(level, truth(step)) for level, step in check.severity]
    assert (trace.severity, trace.severity_open) == expected_severity(steps), what
    assert dict(trace.refs) == {
        "goal.title": scope["goal"]["title"],
        "project.budget": scope["project"]["budget"],
    }
    return outcome


@pytest.mark.parametrize("batch", range(BATCHES))
def test_generated_code_agrees_with_the_reference(batch: int) -> None:
    rng = Random(f"{SEED}:{batch}")
    checks: list[CheckUnit] = []
    refused = 0
    while len(checks) < CHECKS:
        try:
            checks.append(random_check(rng, len(checks)))
        except AssertionError:  # a quotient of bare numbers where a rate was meant: the checker refuses it
            refused += 1
    assert refused < CHECKS
    program = generate(checks, sorted(PARAMETERS))
    outcomes: Counter[int] = Counter()
    for _ in range(8):
        gap = rng.choice((0.0, 0.1, 0.3))
        project, goal = facts(rng, shared=False, gap=gap)
        values = parameter_values(rng, shared=False, gap=gap)
        P = tuple(values[name] for name in program.parameters)  # noqa: N806 - the name of the interface
        root = fact_tuple(program.layout, small_catalogue(), "project", project)
        hits, passed, skipped = program.evaluate(0, root, None, P)
        everything, passed_all, skipped_all = program.evaluate(0, root, None, P, detail_all=True)
        assert (passed, skipped) == (passed_all, skipped_all)
        goals = len(project["goals"])
        for number in range(CHECKS):
            assert passed[number] + skipped[number] + sum(n == number for n, _, _ in hits) == goals
        answers = {
            "fast": {number: code for number, at, code in hits if at == (0,)},
            "detailed": {number: code for number, at, code in everything if at == (0,)},
            "project": root,
            "parameters": P,
        }
        scope = {"project": project, "goal": goal, "report": {}}
        for number, check in enumerate(checks):
            outcomes[compare(check, number, program, scope, values, answers)] += 1
    assert set(outcomes) == {NOT_APPLICABLE, PASS, FAIL, INDETERMINATE}
