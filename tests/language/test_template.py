"""Templates, values for people, thresholds in words, and sentences."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.language.display import operator_words
from rules_service.language.sentence import sentence
from rules_service.language.template import compile_template
from rules_service.language.typed import Env
from rules_service.model.diagnostics import Source
from rules_service.values.kinds import COUNT, DATE, MONEY, POINTS, RATE
from tests.language.support import TESTDATA, environment, parameter_type, typed

PLACE = Source("checks.yaml", 20, 9)
PARAMETERS = {
    "limit": parameter_type("money", "GE"),
    "plain": parameter_type("money"),
    "red": parameter_type("points", "GT"),
    "floor": parameter_type("rate", "LT"),
    "kinds": parameter_type("list<code>", "IN"),
}


def load(name: str) -> list[dict[str, Any]]:
    """The cases of one file."""
    text = (TESTDATA / "language" / f"{name}.yaml").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(text)
    return cases


def env() -> Env:
    """The environment of the cases."""
    plain = environment("goal", parameters=PARAMETERS)
    named = {
        "gap": typed("project.share - project.progress", plain),
        "share": typed("size(goal.indicators) / goal.version", plain),
        "marks": typed("project.tags", plain),
    }
    return environment("goal", parameters=PARAMETERS, lets=named)


def as_value(value: Any) -> Any:
    """YAML has lists where the engine has pairs and tuples."""
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("case", load("templates"), ids=lambda case: case["template"][:40])
def test_rendering(case: dict[str, Any]) -> None:
    template, found = compile_template(case["template"], PLACE, env())
    assert found == ()
    assert template is not None
    values = {name: as_value(value) for name, value in case["values"].items()}
    assert template.render(values, "zh") == case["zh"]
    assert template.render(values, "en") == case["en"]


@pytest.mark.parametrize("case", load("template_faults"), ids=lambda case: case["template"][:40])
def test_faults(case: dict[str, Any]) -> None:
    template, found = compile_template(case["template"], PLACE, env())
    assert template is None
    assert sorted(f"{item.code} {item.line}:{item.column}" for item in found) == sorted(case["found"])


def test_a_template_says_what_it_shows() -> None:
    template, _ = compile_template("{项目.预算} {gap:pp} {param.red:words} {goal.title} {gap}", PLACE, env())
    assert template is not None
    assert template.refs == ("project.budget", "gap", "param.red", "goal.title")
    assert template.facts == ("project.budget", "goal.title")
    assert template.lets == ("gap",)
    assert template.parameters == ("red",)


@pytest.mark.parametrize(
    ("operator", "value", "kind", "zh", "en"),
    [
        ("GT", 10**11, POINTS, "超过10个百分点", "more than 10 percentage points"),
        ("GE", 3 * 10**7, MONEY, "达到或超过30万元", "at least 300000 yuan"),
        ("LT", 6 * 10**11, RATE, "低于60%", "less than 60%"),
        ("LE", 3, COUNT, "不超过3", "at most 3"),
        ("EQ", 738521, DATE, "等于2023年1月1日", "equal to 2023-01-01"),
        (None, 3, COUNT, "3", "3"),
    ],
)
def test_operator_words(operator: str | None, value: int, kind: Any, zh: str, en: str) -> None:
    assert operator_words(operator, value, kind, "zh") == zh
    assert operator_words(operator, value, kind, "en") == en


@pytest.mark.parametrize("case", load("sentences"), ids=lambda case: case["expression"][:40])
def test_sentences(case: dict[str, str]) -> None:
    checked = typed(case["expression"], env(), condition=True)
    titles = {"gap": "差距", "red": "红色线"}
    assert sentence(checked, "zh", titles) == case["zh"]
    assert sentence(checked, "en", titles) == case["en"]
