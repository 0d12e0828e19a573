"""What authors are told, with its place; and that nothing they write raises."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rules_service.language import checker
from rules_service.language.checker import check
from rules_service.language.formatting import format_expression
from rules_service.language.parser import parse
from rules_service.language.program import generate
from rules_service.language.reporting import catalogue
from rules_service.language.template import compile_template
from rules_service.language.tree import MAX_DEPTH, MAX_LENGTH, MAX_NODES
from rules_service.language.typed import CheckUnit, Env, table_let
from rules_service.model.catalogue import Catalogue
from rules_service.model.catalogue import Fact as FactRow
from rules_service.model.diagnostics import Source
from tests.language.support import (
    TESTDATA,
    TRUTH,
    environment,
    fact_tuple,
    parameter_type,
    small_catalogue,
    typed,
)

PLACE = Source("checks.yaml", 10, 5)
CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    (TESTDATA / "language" / "diagnostics.yaml").read_text(encoding="utf-8")
)
PARAMETERS = {
    "limit": parameter_type("money", "GE"),
    "plain": parameter_type("money"),
    "wrong": parameter_type("list<code>", "GE"),
}
TABLES = {"norms": "goal", "of_item": "indicator"}
VOCABULARIES = {"project.sector": frozenset({"产业", "民生", "环保"})}


def env(stratum: int = 0) -> Env:
    """The environment of the cases."""
    return environment(
        "goal",
        parameters=PARAMETERS,
        vocabularies=VOCABULARIES,
        stratum=stratum,
        tables=TABLES,
        lets={table_let("norms"): typed("10", environment("goal"))},
    )


def codes(expression: str, *, stratum: int = 0, value: bool = False) -> list[str]:
    """Codes and places of an expression's diagnostics."""
    found = check(parse(expression, PLACE), env(stratum), condition=not value).diagnostics
    return [f"{item.code} {item.line}:{item.column}" for item in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["expression"][:40])
def test_case(case: dict[str, Any]) -> None:
    assert (
        codes(case["expression"], stratum=case.get("stratum", 0), value=case.get("value", False))
        == case["found"]
    )


def test_every_code_has_a_case() -> None:
    """Limits (E010–E012), spelling (E242) and templates (T…) have tests of their own."""
    shown = {item.split()[0] for case in CASES for item in case["found"]}
    rest = {code for code in catalogue().codes() if not code.startswith("T")} - shown
    assert rest == {"E010", "E011", "E012", "E242"}


@pytest.mark.parametrize(
    ("pattern", "warned"),
    [
        ("A股", True),
        ("[A-Z]", True),
        ("(?i)A股", False),
        ("\\D\\pL\\p{Han}", False),
        ("(?P<N>a)", False),
        ("a", False),
    ],
)
def test_capital_letters_in_patterns(pattern: str, warned: bool) -> None:
    """The working copy of a text has small letters only; a warning keeps nothing from being used."""
    folding = environment("goal", normalise=str.lower)
    found = check(parse(f"goal.title.matches(r'{pattern}')", PLACE), folding)
    assert found.ok
    assert [item.code for item in found.diagnostics] == (["E242"] if warned else [])


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("goal.title == 'ABC'", ["abc"]),
        ("goal.kind == 'ABC'", ["abc"]),
        ("goal.kind in ['ABC', 'x']", ["abc", "x"]),
        ("project.sector == 'ENV'", ["ENV"]),
        ("'ENV' == project.sector", ["ENV"]),
        ("project.sector in ['ENV']", ["ENV"]),
        ("project.sector == 'Folded'", ["folded"]),
        ("project.mode == 'FAST'", ["FAST"]),
        ("known == 'ENV'", ["ENV"]),
        ("'ENV' in param.codes", ["ENV"]),
        ("'Other' in param.codes", ["other"]),
        ("(goal.current ? project.sector : 'ENV') == 'ENV'", ["ENV", "ENV"]),
    ],
)
def test_code_literals_are_spelled_as_facts_hold_them(expression: str, literals: list[str]) -> None:
    """Words of a vocabulary and of a computed fact as written; other codes and texts as working copies."""
    sector = FactRow("project.mode", "项目.方式", "code", None, "project", "mode", "mode", "", "")
    folding = environment(
        "goal",
        catalogue=Catalogue((*small_catalogue(), sector)),
        normalise=str.lower,
        vocabularies={"project.sector": frozenset({"ENV", "folded"})},
        parameters={"codes": parameter_type("list<code>")},
    )
    named = replace(folding, lets={"known": typed("project.sector", folding)})
    checked = typed(expression, named, condition=True)
    assert [node.data for node in checked.nodes() if node.op == "const"] == literals


def test_texts_name_what_was_written_and_a_cure() -> None:
    (found,) = check(parse("project.nmae == 'a'", PLACE), env()).diagnostics
    assert "project.nmae" in found.zh
    assert "project.name" in found.cure_zh
    assert "project.name" in found.cure_en
    assert (found.file, found.is_error) == ("checks.yaml", True)


def test_all_texts_can_be_filled() -> None:
    text = Path(checker.__file__).with_name("diagnostics.yaml").read_text(encoding="utf-8")
    words = dict.fromkeys(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", text), "x")
    for code in catalogue().codes():
        item = catalogue().diagnostic(code, PLACE, **words)
        assert item.zh
        assert item.en
        assert item.cure_zh
        assert item.cure_en


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        pytest.param("true || " * MAX_LENGTH + "true", "E010", id="length"),
        pytest.param("!" * (MAX_DEPTH + 5) + "true", "E011", id="depth"),
        pytest.param("-" * 3000 + "1 == 1", "E011", id="depth of signs"),
        pytest.param(" + ".join(["1"] * (MAX_DEPTH + 5)) + " == 1", "E011", id="long sums"),
        pytest.param("true||" * (MAX_NODES + 5) + "true", "E012", id="nodes"),
        pytest.param("true" + " ? true : true" * 100, "E011", id="choices"),
    ],
)
def test_limits(expression: str, code: str) -> None:
    assert [item.split()[0] for item in codes(expression)] == [code]


def test_deep_brackets_are_no_depth() -> None:
    assert codes("(" * 1500 + "goal.current" + ")" * 1500) == []


def test_a_chain_of_conditions_is_no_depth() -> None:
    text = " && ".join(["goal.current"] * 250)
    tree = parse(text, PLACE)
    typed = check(tree, env(), condition=True)
    assert typed.ok
    program = generate([CheckUnit("A", "goal", None, (), typed, ((2, None),))], [])
    assert program.layout.slots == {"goal": ("current",), "project": ("goals",)}


@pytest.mark.parametrize(
    ("core", "around"),
    [
        ("goal.version > 0", "(goal.current ? {} : goal.version > 1)"),
        ("(goal.version) > 0", "(goal.current && ({} || project.large))"),
        ("goal.version > 0", "!({} == project.large)"),
        (
            "goal.version > 0",
            "((goal.current ? 1 : 2) > 1 && {} && size(goal.indicators.filter(i, i.core)) > 1)",
        ),
        ("goal.version > 0", "(goal.version in [{} ? 1 : 2, 3])"),
        ("goal.version > 0", "(1 / abs({} ? goal.version : -1) > 0.5)"),
    ],
)
def test_deepest_expressions_compile(core: str, around: str) -> None:
    """What the limits let through, Python's own limits on nesting let through too."""
    text, level = core, 0
    while True:
        grown = around.replace("{}", text)
        tree = parse(grown, PLACE)
        if tree.root is None or not check(tree, env(), condition=True).ok:
            break
        text, level = grown, level + 1
    assert level >= 4
    typed = check(parse(text, PLACE), env(), condition=True)
    program = generate([CheckUnit("A", "goal", None, (), typed, ((2, typed), (1, None)))], [])
    values = fact_tuple(
        program.layout, small_catalogue(), "project", {"goals": [{"version": 1, "indicators": []}]}
    )
    program.evaluate(0, values, None, (), detail_all=True)
    assert program.explain(0, (0,), values, None, ()).outcome in TRUTH


def test_deepest_macros_compile() -> None:
    inner = "goal.indicators.filter(d, d.core && a.core || b.core).map(d, d.weight + c.weight)"
    inner += ".exists(d, d > a.weight)"
    outer = "goal.indicators.all(a, goal.indicators.exists(b, goal.indicators.exists_one(c, {})))"
    text = outer.replace("{}", inner)
    typed = check(parse(f"{text} || ({text} ? {text} : !({text}))", PLACE), env(), condition=True)
    program = generate([CheckUnit("A", "goal", None, (), typed, ((2, None),))], [])
    indicators = [{"core": True, "weight": 1}, {"core": False, "weight": 2}]
    values = fact_tuple(program.layout, small_catalogue(), "project", {"goals": [{"indicators": indicators}]})
    hits, _, _ = program.evaluate(0, values, None, (), detail_all=True)
    assert [code for _, _, code in hits] == [program.explain(0, (0,), values, None, ()).outcome]


# Pieces of expressions, so that random texts get far into parser and checker.
PIECES = st.sampled_from(
    [*(TESTDATA / "language" / "pieces.txt").read_text(encoding="utf-8").splitlines(), " ", "\n", "\0"]
)


@given(
    st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60) | st.text(string.printable, max_size=60)
)
def test_nothing_an_author_writes_raises(text: str) -> None:
    tree = parse(text, PLACE)
    typed = check(tree, env(), condition=True)
    assert typed.ok or typed.diagnostics
    for item in typed.diagnostics:
        assert item.line >= 10
        assert item.column >= 1
    if tree.root is not None:
        written = format_expression(tree)
        again = parse(written, PLACE)
        assert again.root == tree.root
        assert format_expression(again) == written
    if typed.ok:
        generate([CheckUnit("A", "goal", None, (), typed, ((2, None),))], ["limit"])


@given(st.lists(PIECES | st.sampled_from(["{", "}", ":", "%", "words", "元"]), max_size=15).map("".join))
def test_no_template_raises(text: str) -> None:
    template, found = compile_template(text, PLACE, env())
    assert (template is None) == any(item.is_error for item in found)
    if template is not None:
        assert template.render({}, "zh") is not None
