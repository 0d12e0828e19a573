"""Truth tables: they hold every state that facts can be in, and they tell equal conditions from others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.language.keys import Reading
from rules_service.language.sentence import state_words
from rules_service.language.states import TooManyStatesError
from rules_service.language.truth import Condition, Truth, TruthTables
from rules_service.language.typed import Env, ParameterType, Typed
from rules_service.model.catalogue import Catalogue
from tests.language.support import TESTDATA, TRUTH, fact_tuple, program_of, typed, unit

CASES = YAML(typ="safe", pure=True).load((TESTDATA / "language" / "truth.yaml").read_text("utf-8"))
PARAMETERS = {
    "least": ParameterType("money", None, "GE"),
    "stages": ParameterType("list", "code", "IN"),
    "mode": ParameterType("code"),
    "empty": ParameterType("money", None, "GE"),
}
VALUES: dict[str, Any] = {"least": 1, "stages": ("申报", "审核"), "mode": "calendar", "empty": None}
# Few facts, few values: every combination is tried.
FACTS: dict[str, tuple[Any, ...]] = {
    "requested_fen": (-1, 0, 1, 2, None),
    "prior_year_budget_fen": (0, 1, None),
    "stage": ("申报", "审核", "执行", None),
    "is_new": (True, False, None),
    "project_name": ("", "某局", None),
}
ATOMS = (
    "project.requested_fen > 0元",
    "project.requested_fen >= 0.01元",
    "project.requested_fen == 0.02元",
    "project.requested_fen > project.prior_year_budget_fen",
    "project.prior_year_budget_fen >= project.requested_fen",
    "project.requested_fen - project.prior_year_budget_fen > 0元",
    "abs(project.requested_fen - project.prior_year_budget_fen) >= 0元",
    "meets(project.requested_fen, param.least)",
    "meets(project.requested_fen, param.empty)",
    'project.stage == "申报"',
    'project.stage in ["申报", "审核"]',
    "meets(project.stage, param.stages)",
    "has(project.stage)",
    "has(project.requested_fen)",
    "has(param.empty)",
    'param.mode == "calendar"',
    "project.is_new",
    "has(project.is_new)",
    'project.project_name == ""',
    "has(project.project_name)",
    'project.project_name.contains("局")',
    '(project.is_new ? project.stage : "执行") == "执行"',
    "(project.is_new ? 0元 : project.requested_fen) > 0元",
)


def environment() -> Env:
    return Env(Catalogue.load(), PARAMETERS, "project")


def random_condition(rng: Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        atom = rng.choice(ATOMS)
        return f"!({atom})" if rng.random() < 0.3 else atom
    parts = [random_condition(rng, depth - 1) for _ in range(rng.choice((2, 2, 3)))]
    if rng.random() < 0.1:
        return f"({parts[0]}) {rng.choice(('==', '!='))} ({parts[1]})"
    return f"({rng.choice((' && ', ' || ')).join(f'({part})' for part in parts)})"


def tables(*conditions: Typed) -> tuple[TruthTables, list[Condition]]:
    found = [Condition(one.node, Reading({}, VALUES)) for one in conditions]
    return TruthTables(found), found


def all_records() -> list[dict[str, Any]]:
    """Every combination of values; what a host has not filled in is absent, what it has not sent unknown."""
    records = []
    for values in product(*FACTS.values()):
        record: dict[str, Any] = dict(zip(FACTS, values, strict=True))
        for name, value in list(record.items()):
            present = value != "" if name == "project_name" else True
            record[f"has:{name}"] = (
                None
                if value is None and name in {"project_name", "is_new"}
                else (False if value is None else present)
            )
        records.append(record)
    return records


RECORDS = all_records()


def truths(texts: Sequence[str]) -> set[tuple[bool | None, ...]]:
    """What conditions come to together in all records, by the generated program."""
    units = [unit(text, environment(), number=number) for number, text in enumerate(texts)]
    program, values = program_of(units, VALUES)
    found = set()
    for record in RECORDS:
        facts = fact_tuple(program.layout, Catalogue.load(), "project", record)
        hits, _, _ = program.evaluate(0, facts, None, values, None, True)
        found.add(tuple(TRUTH[code] for _, _, code in sorted(hits)))
    return found


def states_of(truth: Truth, value: bool | None, possible: int) -> int:
    return {True: truth.true, False: truth.false, None: ~truth.true & ~truth.false}[value] & possible


@pytest.mark.parametrize("seed", range(60))
def test_whatever_facts_bring_about_together_stands_in_the_table(seed):
    rng = Random(seed)  # noqa: S311 - chance, no secret
    texts = [*rng.sample(ATOMS, 5), random_condition(rng, 2)]
    table, conditions = tables(*(typed(text, environment(), condition=True) for text in texts))
    found = [table.truth(condition) for condition in conditions]
    for together in truths(texts):
        states = table.space.possible
        for truth, value in zip(found, together, strict=True):
            states &= states_of(truth, value, table.space.possible)
        assert states, dict(zip(texts, together, strict=True))
    assert not any(truth.true & truth.false for truth in found)


@pytest.mark.parametrize("seed", range(60))
def test_conditions_with_one_table_have_one_truth(seed):
    """Of random pairs, often equal because small, those with equal tables agree in every record."""
    rng = Random(1000 + seed)  # noqa: S311 - chance, no secret
    one = random_condition(rng, 1)
    two = rng.choice((random_condition(rng, 1), f"({one}) && ({random_condition(rng, 1)})"))
    table, conditions = tables(*(typed(text, environment(), condition=True) for text in (one, two)))
    first, second = (table.truth(condition) for condition in conditions)
    if not ((first.true ^ second.true) | (first.false ^ second.false)) & table.space.possible:
        assert all(before is after for before, after in truths([one, two]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases(case):
    texts = case.get("same") or case["differ"]
    found = [typed(text, environment(), condition=True) for text in texts]
    table, conditions = tables(*found)
    first, second = (table.truth(condition) for condition in conditions)
    differing = ((first.true ^ second.true) | (first.false ^ second.false)) & table.space.possible
    assert bool(differing) == ("differ" in case)
    if "state" in case:
        _, state = table.space.example(differing)
        assert state_words(state, "zh") == case["state"]


def test_too_much_to_list_is_refused():
    text = " && ".join(
        f"abs(project.requested_fen - {number}元) > abs(project.prior_year_budget_fen - {number}元)"
        for number in range(1, 12)
    )
    with pytest.raises(TooManyStatesError):
        tables(typed(text, environment(), condition=True))
