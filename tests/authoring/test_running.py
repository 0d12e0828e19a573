"""The runner of rule tests: what is a pass, what is a difference, and that a faulty test never passes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML

from rules_service.authoring.rule_tests import rule_tests
from rules_service.authoring.running import run
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

CASES = YAML(typ="safe").load(Path(__file__).parents[1] / "testdata" / "authoring" / "running.yaml")


class OneAnswer:
    """Rules that give one answer, and keep what they were asked."""

    def __init__(self) -> None:
        self.asked: review_pb.ReviewRequest | None = None

    def review(self, request: review_pb.ReviewRequest) -> review_pb.ReviewResponse:
        self.asked = request
        missing = [result_pb2.MissingFact(reason="NOT_SENT")]
        undecided = result_pb2.OUTCOME_INDETERMINATE
        warn, send_back = result_pb2.SEVERITY_WARN, result_pb2.SEVERITY_RETURN
        fail, passed = result_pb2.OUTCOME_FAIL, result_pb2.OUTCOME_PASS
        gap = result_pb2.ComputedValue(name="gap", label="差距", display="10个百分点")
        return review_pb.ReviewResponse(
            decision=result_pb2.DECISION_RETURN,
            verdict=result_pb2.Verdict(grade="C", label="C：退回修改"),
            unchecked=[result_pb2.Unchecked(rule_id="U-01")],
            findings=[
                result_pb2.Finding(rule_id="A-01", outcome=passed, path="a", computed=[gap]),
                result_pb2.Finding(rule_id="A-01", outcome=fail, severity=warn, path="b", message="共19字"),
                result_pb2.Finding(
                    rule_id="A-01", outcome=fail, severity=send_back, path="c", reason_code="NOT_FILLED"
                ),
                result_pb2.Finding(rule_id="M-01", outcome=undecided, missing=missing),
            ],
        )


def read_tests(text: str, bases: str = "{}") -> list:
    """The tests of a file beside a file of bases."""
    found = Diagnostics(CATALOGUE)
    nodes = {
        "t/_bases.yaml": read_yaml("t/_bases.yaml", bases.encode(), found),
        "t/a.yaml": read_yaml("t/a.yaml", text.encode(), found),
    }
    assert found.found == []
    layer = SimpleNamespace(tests=nodes, overlay=None)
    return list(rule_tests(SimpleNamespace(root=layer, layers=[layer])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case(case):
    [test] = read_tests(case["test"], case.get("bases", "{}"))
    differences = run(test, OneAnswer()).differences
    assert bool(differences) == ("differs" in case)
    for part in [case["differs"]] if "differs" in case else []:
        assert part in "; ".join(differences)


def test_the_request_is_merged_over_its_base_and_typed_by_the_contract():
    bases = """
        base:
          project: {project_name: a, is_new: true, fiscal_year: 2025, goals: [{goal_id: g, goal_text: x}]}
    """
    text = """
        - name: n
          base: base
          region: 湖南
          request: {project: {is_new: false, goals: [{goal_id: h}]}}
          expect: {decision: RETURN}
    """
    [test] = read_tests(text, bases)
    rules = OneAnswer()
    assert run(test, rules).differences == ()
    assert rules.asked is not None
    project = rules.asked.project
    assert (project.project_name, project.is_new, project.fiscal_year, project.region_code) == (
        "a",
        False,
        2025,
        "湖南",
    )
    assert [(goal.goal_id, goal.goal_text) for goal in project.goals] == [("h", "")]
