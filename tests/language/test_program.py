"""What a program answers: hits and counts by subject, strata, explanations, and what its code may hold."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest

from rules_service.language.program import (
    FAIL,
    INDETERMINATE,
    NO_SECTION,
    NO_SUBJECT,
    NOT_APPLICABLE,
    PASS,
    Leaf,
    generate,
)
from rules_service.language.typed import CheckUnit
from tests.language.support import Record, environment, fact_tuple, parameter_type, small_catalogue, unit

W = 10**12


def run(checks: list[CheckUnit], project: Record, report: Record | None = None, **options: Any) -> Any:
    """Program, fact tuples and answer of some checks."""
    program = generate(checks, sorted(options.pop("parameters", {})))
    catalogue = small_catalogue()
    root = fact_tuple(program.layout, catalogue, "project", project)
    sent = None if report is None else fact_tuple(program.layout, catalogue, "report", report)
    values = options.pop("values", ())
    return program, root, sent, program.evaluate(0, root, sent, values, **options)


def indicator_check() -> CheckUnit:
    """A check of each indicator that reads facts of everything around it."""
    return unit(
        "indicator.weight <= 0 && project.large && goal.current",
        environment("indicator"),
        applies="indicator.core",
    )


def an_indicator(weight: int | None, *, core: bool | None = True) -> Record:
    return {"weight": None if weight is None else weight * W, "core": core}


def test_hits_name_goal_and_indicator() -> None:
    goals = [
        {"current": True, "indicators": [an_indicator(1), an_indicator(0)]},
        {
            "current": True,
            "indicators": [an_indicator(None), an_indicator(0, core=False), an_indicator(0, core=None)],
        },
    ]
    _, _, _, (hits, passed, skipped) = run([indicator_check()], {"large": True, "goals": goals})
    assert hits == [(0, (0, 1), FAIL), (0, (1, 0), INDETERMINATE), (0, (1, 2), INDETERMINATE)]
    assert (passed, skipped) == ([1], [1])


def test_detail_lists_what_passed_and_what_does_not_apply() -> None:
    goals = [{"current": True, "indicators": [an_indicator(1), an_indicator(0), an_indicator(0, core=False)]}]
    _, _, _, (hits, passed, skipped) = run(
        [indicator_check()], {"large": True, "goals": goals}, detail_all=True
    )
    assert hits == [(0, (0, 0), PASS), (0, (0, 1), FAIL), (0, (0, 2), NOT_APPLICABLE)]
    assert (passed, skipped) == ([1], [1])


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ({"goals": None}, [(0, (), NO_SECTION)]),
        ({"goals": []}, [(0, (), NO_SUBJECT)]),
        ({"goals": [{"indicators": None}]}, [(0, (0,), NO_SECTION)]),
        (
            {"goals": [{"indicators": []}, {"indicators": None}]},
            [(0, (0,), NO_SUBJECT), (0, (1,), NO_SECTION)],
        ),
    ],
)
def test_no_subject_is_told_on_the_parent(project: Record, expected: Any) -> None:
    _, _, _, (hits, passed, skipped) = run([indicator_check()], {"large": True, **project})
    assert (hits, passed, skipped) == (expected, [0], [0])


def test_a_false_condition_passes_even_if_applicability_is_open() -> None:
    """semantics.md: A&&F false and A not false is PASS."""
    goals = [{"current": True, "indicators": [an_indicator(5, core=None)]}]
    _, _, _, (hits, passed, skipped) = run([indicator_check()], {"large": True, "goals": goals})
    assert (hits, passed, skipped) == ([], [1], [0])


def test_assessments_have_reports_and_actuals() -> None:
    checks = [
        unit("report.plan - report.rate > 10pp", environment("report"), number=0),
        unit("actual.value < 1 && project.large", environment("actual"), number=1),
        unit("project.large", environment("project"), number=2),
    ]
    report = {"plan": (1, 2), "rate": (1, 3), "actuals": [{"value": 0}, {"value": 2 * W}]}
    _, _, _, (hits, passed, _) = run(checks, {"large": True}, report, service="assess")
    assert hits == [(0, (), FAIL), (1, (0,), FAIL)]
    assert passed == [0, 1, 0]
    _, _, _, (hits, passed, _) = run(checks, {"large": True})
    assert (hits, passed) == ([(2, (), FAIL)], [0, 0, 0])


def test_a_report_that_was_not_sent_leaves_its_checks_undecided() -> None:
    checks = [
        unit("report.rate > 10%", environment("report")),
        unit("actual.value < 1", environment("actual")),
    ]
    _, _, _, (hits, passed, _) = run(checks, {}, None, service="assess")
    assert hits == [(0, (), NO_SECTION), (1, (), NO_SECTION)]
    assert passed == [0, 0]


class Findings:
    """Answers of stratum 0 for checks that read them."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def outcome(self, rule: str) -> str | None:
        self.asked.append(rule)
        return {"MON-01": "FAIL"}.get(rule)

    def failed_in_a_row(self, rules: tuple[str, ...], count: int) -> bool | None:
        self.asked.append((rules, count))
        return True if count == 2 else None


def test_stratum_1_reads_findings_once() -> None:
    env = environment("goal", stratum=1, parameters={"k": parameter_type("count", "GE")})
    checks = [
        unit("outcome('MON-01') == 'FAIL' && goal.current", env),
        unit("outcome('MON-02') == 'FAIL'", env),
        unit("failed_in_a_row(['MON-01', 'MON-02'], param.k)", env),
        unit("failed_in_a_row(['MON-01'], 3)", env),
    ]
    program = generate(checks, ["k"])
    project = fact_tuple(program.layout, small_catalogue(), "project", {"goals": [{"current": True}] * 2})
    findings = Findings()
    hits, _, _ = program.evaluate(1, project, None, (2,), findings)
    assert [(number, code) for number, at, code in hits if at == (0,)] == [
        (0, FAIL), (1, INDETERMINATE), (2, FAIL), (3, INDETERMINATE)
    ]  # fmt: skip
    assert findings.asked == ["MON-01", "MON-02", (("MON-01", "MON-02"), 2), (("MON-01",), 3)]
    assert program.evaluate(0, project, None, (2,), findings) == ([], [0] * 4, [0] * 4)
    trace = program.explain(1, (0,), project, None, (2,), findings)
    assert trace.undecided == (Leaf("outcome(MON-02)", (), None, ""),)
    trace = program.explain(3, (0,), project, None, (2,), findings)
    assert trace.undecided == (Leaf("failed_in_a_row(MON-01)", (), "HISTORY_GAP", ""),)
    trace = program.explain(2, (0,), project, None, (None,), findings)
    assert trace.undecided[0] == Leaf("param.k", (), "PARAM_EMPTY", "")


def explained(text: str, project: Record, *, subject: str = "goal", **options: Any) -> Any:
    """The trace of a check of the first goal."""
    parameters = options.pop("parameters", {})
    values = options.pop("values", ())
    check = unit(text, environment(subject, parameters=parameters), **options)
    program = generate([check], sorted(parameters))
    root = fact_tuple(program.layout, small_catalogue(), "project", project)
    return program.explain(0, (0,) if subject == "goal" else (), root, None, values)


def test_every_undecided_leaf_is_listed_in_source_order() -> None:
    goals = [{"indicators": [{"weight": W}, {"weight": None}], "title": None, "current": True}]
    trace = explained(
        "goal.title == 'a' && goal.indicators.all(i, i.weight > 0) && (goal.current || project.large)"
        " && has(project.budget) && project.spent / project.budget > param.limit && goal.title == 'b'",
        {"goals": goals, "spent": 1, "budget": 0},
        parameters={"limit": parameter_type("rate")},
        values=(None,),
    )
    assert trace.outcome == INDETERMINATE
    assert trace.undecided == (
        Leaf("goal.title", (0,), None, "title"),
        Leaf("indicator.weight", (0, 1), None, "weight"),
        Leaf("project.large", (), None, "large"),
        Leaf("project.budget", (), None, "has:budget"),
        Leaf("project.budget", (), "DIV_ZERO", ""),
        Leaf("param.limit", (), "PARAM_EMPTY", ""),
    )


@pytest.mark.parametrize(
    ("text", "project", "leaves"),
    [
        ("min(goal.indicators.map(i, i.weight)) > 1", {"goals": [{"indicators": []}]},
         [Leaf("goal.indicators", (), "EMPTY_LIST", "")]),
        ("goal.indicators.exists(i, i.core)", {"goals": [{"indicators": None}]},
         [Leaf("goal.indicators", (0,), None, "indicators")]),
        ("'a' in project.tags", {"goals": [{}], "tags": ["b", None]},
         [Leaf("project.tags", (1,), None, "tags")]),
        ("project.tags.exists(t, t == 'a')", {"goals": [{}], "tags": ["b", None, None]},
         [Leaf("project.tags", (1,), None, "tags"), Leaf("project.tags", (2,), None, "tags")]),
        ("project.goals.exists(g, g.indicators.exists(i, i.core))",
         {"goals": [{"indicators": [{"core": False}]}, {"indicators": [{"core": False}, {"core": None}]}]},
         [Leaf("indicator.core", (1, 1), None, "core")]),
        ("goal.indicators.filter(i, i.core).exists(i, i.weight > 0)",
         {"goals": [{"indicators": [{"core": False}, {"core": True, "weight": None}]}]},
         [Leaf("indicator.weight", (0, 1), None, "weight")]),
        ("months_after(project.starts, 200000) > project.starts", {"goals": [{}], "starts": 738000},
         [Leaf("months_after(project.starts, 200000)", (), "UNPARSEABLE", "")]),
    ],
)  # fmt: skip
def test_leaves_name_their_places(text: str, project: Record, leaves: list[Leaf]) -> None:
    trace = explained(text, project)
    assert trace.outcome == INDETERMINATE
    assert list(trace.undecided) == leaves


@pytest.mark.parametrize(
    ("value", "leaves"),
    [
        (None, ["goal.current"]),
        (100, ["goal.current", "project.large", "project.budget"]),
    ],
)
def test_what_rests_on_an_empty_parameter_leaves_nothing_open(value: int | None, leaves: list[str]) -> None:
    trace = explained(
        "goal.current || project.large && has(param.limit) && project.budget > param.limit",
        {"goals": [{}]},
        parameters={"limit": parameter_type("money")},
        values=(value,),
    )
    assert trace.outcome == INDETERMINATE
    assert [leaf.name for leaf in trace.undecided] == leaves


@pytest.mark.parametrize(("other", "both"), [(None, False), (200, True)])
def test_conditions_may_ask_for_parameters_alone(other: int | None, both: bool) -> None:
    trace = explained(
        "goal.current",
        {"goals": [{"current": True}]},
        lets=(("stated", "has(param.limit) && has(param.other)"),),
        parameters={"limit": parameter_type("money"), "other": parameter_type("money")},
        values=(100, other),
    )
    assert [(name, value) for name, value, _ in trace.lets] == [("stated", both)]


def test_a_choice_explains_the_side_that_is_chosen() -> None:
    text = "(goal.current ? project.budget : project.spent) > 0元"
    chosen = explained(text, {"goals": [{"current": True}]})
    assert [leaf.name for leaf in chosen.undecided] == ["project.budget"]
    unknown = explained(text, {"goals": [{"current": None}]})
    assert [leaf.name for leaf in unknown.undecided] == ["goal.current", "project.budget", "project.spent"]


def test_leaves_of_named_values_count_where_they_are_used() -> None:
    trace = explained(
        "used > 0元",
        {"goals": [{}]},
        lets=(("used", "project.budget - 1元"), ("shown", "project.spent + 1元")),
    )
    assert [leaf.name for leaf in trace.undecided] == ["project.budget"]
    assert [(name, value) for name, value, _ in trace.lets] == [("used", None), ("shown", None)]


@pytest.mark.parametrize(
    ("budget", "large", "expected"),
    [
        (500, True, (4, None)),
        (500, None, (4, None)),
        (50, True, (3, None)),
        (50, None, (2, 3)),
        (50, False, (2, None)),
        (None, True, (3, 4)),
        (None, None, (2, 4)),
    ],
)
def test_severity_is_the_first_definite_step(budget: int | None, large: bool | None, expected: Any) -> None:
    trace = explained(
        "goal.current",
        {"goals": [{"current": True}], "budget": budget, "large": large},
        severity=((4, "project.budget > 1元"), (3, "project.large"), (2, None)),
    )
    assert (trace.severity, trace.severity_open) == expected
    assert trace.undecided == ()
    assert bool(trace.open) == (None in (budget, large))


def test_explanations_hold_refs_and_named_values_with_kinds() -> None:
    trace = explained(
        "gap > 10pp",
        {"goals": [{"title": "甲"}], "progress": (1, 3), "share": 5 * 10**11, "tags": ["a", None]},
        lets=(("gap", "project.share - project.progress"), ("marks", "project.tags")),
        refs=("goal.title", "project.progress", "project.tags"),
    )
    assert trace.refs == (("goal.title", "甲"), ("project.progress", (1, 3)), ("project.tags", ("a", None)))
    gap, marks = trace.lets
    assert (gap[0], gap[1][0] * 6, str(gap[2])) == ("gap", gap[1][1], "ratio<points>")
    assert (marks[1], str(marks[2])) == (("a", None), "list<text>")


def test_only_parameters_in_use_are_wanted() -> None:
    env = environment(
        "project", parameters={"a": parameter_type("money", "GE"), "b": parameter_type("money", "GE")}
    )
    program = generate([unit("meets(project.budget, param.b)", env)], ["a", "b"])
    assert program.parameters == ("b",)
    with pytest.raises(ValueError, match="b"):
        generate([unit("meets(project.budget, param.b)", env)], ["a"])


HOSTILE = (
    "'); import os; os.system('x') #",
    "__import__('os')",
    "\\x27 or 1",
    '""" + evil + """',
    "{0.__class__}",
    "line\nbreak",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_ruleset_becomes_code(text: str) -> None:
    """Texts, patterns, rule ids, named values and variables leave no trace in the generated module."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    pattern = "".join(f"[{char}]" if char not in '\n\\^[]"' else "." for char in text[:20])
    env = environment("goal", stratum=1, parameters={"secretparam": parameter_type("text")})
    check = unit(
        f'secretlet || goal.title == "{quoted}" || goal.title in ["{quoted}", "b"]'
        f' || outcome("{quoted}") == "FAIL"'
        f' || goal.indicators.exists(secretvariable, secretvariable.name.contains("{quoted}"))'
        f' || goal.title.matches("{pattern}") || goal.title == param.secretparam',
        env,
        lets=(("secretlet", f'goal.kind == "{quoted}"'),),
        refs=("goal.title",),
    )
    program = generate([check], ["secretparam"])
    source = program.source
    assert text not in source
    assert pattern not in source
    assert "secret" not in source
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert not names & {"__import__", "exec", "eval", "open", "getattr", "os"}
    literals = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    assert not [value for value in literals if isinstance(value, str | bytes)]


def test_generated_code_reaches_no_builtins() -> None:
    program = generate([unit("size(goal.title) > 3", environment("goal"))], [])
    names = {node.id for node in ast.walk(ast.parse(program.source)) if isinstance(node, ast.Name)}
    assert names & set(dir(builtins)) <= {"len", "enumerate", "abs", "bool"}


def test_the_same_checks_give_the_same_code() -> None:
    def program() -> Any:
        return generate([indicator_check(), unit("goal.title in ['b', 'a']", environment("goal"))], [])

    assert program().source == program().source
    assert program().layout == program().layout


def test_layout_names_the_slots_that_are_read() -> None:
    program = generate([unit("indicator.weight > 0 && has(goal.title)", environment("indicator"))], [])
    assert program.layout.slots == {
        "goal": ("has:title", "indicators"),
        "indicator": ("weight",),
        "project": ("goals",),
    }
