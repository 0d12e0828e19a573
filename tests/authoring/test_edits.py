"""The small changes of expressions that rule tests must notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rules_service.authoring.edits import Names, edits
from rules_service.language.formatting import write
from rules_service.language.parser import parse
from rules_service.language.tree import Expr
from rules_service.model.diagnostics import Source

CASES = YAML(typ="safe").load(
    (Path(__file__).parents[1] / "testdata" / "authoring" / "edits.yaml").read_text("utf-8")
)
HERE = Source("a.yaml", 1, 1)


def expression(text: str) -> Expr:
    root = parse(text, HERE).root
    assert root is not None
    return root


LETS = {
    "half": expression("goal.indicators.filter(i, i.weight > 1).map(i, i.weight).sum() / 2"),
    "count": expression("size(goal.indicators)"),
    "named": expression("project.requested_fen"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_all_changes_of_an_expression(case):
    found = list(edits(expression(case["text"]), Names(LETS, lambda _: "money")))
    assert [f"{edit.kind}: {edit.before} → {edit.after}" for edit in found] == case["edits"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_each_change_is_one_other_expression(case):
    """What is written is what is read again: never the expression itself, never two the same."""
    root = expression(case["text"])
    written = [write(edit.root, {}) for edit in edits(root, Names(LETS, lambda _: "money"))]
    assert write(root, {}) not in written
    assert len(set(written)) == len(written)
    assert [write(expression(text), {}) for text in written] == written
