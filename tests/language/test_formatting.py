"""The canonical form: one for each meaning of the syntax, the same tree, and nothing left to change."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.language.checker import check
from rules_service.language.formatting import format_expression
from rules_service.language.parser import parse
from tests.language.expressions import TYPES, Maker
from tests.language.support import SOURCE, TESTDATA, environment, parameter_type, typed

CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    (TESTDATA / "language" / "formatting.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["written"][:40])
def test_case(case: dict[str, str]) -> None:
    env = environment("goal", parameters={"limit": parameter_type("money", "GE")})
    checked = typed(case["written"], env, condition=True)
    assert format_expression(checked.tree, checked.names) == case["canonical"]
    again = typed(case["canonical"], env, condition=True)
    assert format_expression(again.tree, again.names) == case["canonical"]


@pytest.mark.parametrize("seed", range(200))
def test_formatting_keeps_the_tree(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - reproducible on purpose
    text = Maker(rng, shared=False).boolean(4)[0]
    tree = parse(text, SOURCE)
    written = format_expression(tree)
    again = parse(written, SOURCE)
    assert again.root == tree.root
    assert format_expression(again) == written
    env = environment("goal", parameters=TYPES)
    assert check(tree, env).ok == check(again, env).ok


def test_an_expression_with_errors_has_no_form() -> None:
    with pytest.raises(ValueError, match="errors"):
        format_expression(parse("1 +", SOURCE))
