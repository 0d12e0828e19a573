"""Structural errors of requests: the cases of tests/testdata/structure, their texts, and their bound."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from ruamel.yaml import YAML

from rules_service.facts import structure
from rules_service.facts.limits import Limits
from rules_service.facts.structure import Violation, violations
from rules_service.facts.violation_texts import violation_codes, violation_text
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

FILE = Path(__file__).resolve().parent.parent / "testdata" / "structure" / "violations.yaml"
CASES = YAML(typ="safe").load(FILE.read_text("utf-8"))


def found_in(case: dict[str, Any]) -> list[Violation]:
    if "review" in case:
        request = ParseDict(case["review"], ReviewRequest())
    else:
        request = ParseDict(case["assess"], AssessRequest())
    return violations(request, Limits(**case.get("limits", {})))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_violations(case: dict[str, Any]) -> None:
    """Path and code of each violation, in order."""
    assert [[one.path, one.code] for one in found_in(case)] == case["violations"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_violation_has_a_finished_text(case: dict[str, Any], language: Any) -> None:
    """The values fill the whole template."""
    for one in found_in(case):
        assert "{" not in violation_text(one, language)


def test_the_cases_show_every_code() -> None:
    """No structural error without a case and a text; others use the same texts for what they refuse."""
    raised = set(re.findall(r'Violation\([^)]*?"([A-Z_]+)"', inspect.getsource(structure)))
    assert {code for case in CASES for _, code in case["violations"]} == raised
    assert raised <= violation_codes()


def test_a_request_full_of_errors_is_answered_with_a_bounded_list() -> None:
    """The first faults, as many as the limit allows."""
    request = ParseDict({"project": {"costItems": [{"quantity": "x"}] * 50}}, ReviewRequest())
    found = violations(request, Limits(violations=3))
    assert [one.path for one in found] == [f"project.cost_items[{index}].quantity" for index in range(3)]


def test_a_classified_request_is_checked_the_same() -> None:
    """Only what is remembered differs."""
    body = {"project": {"classified": True, "costItems": [{"quantity": "x"}]}}
    assert [one.code for one in violations(ParseDict(body, ReviewRequest()), Limits())] == ["DECIMAL_SYNTAX"]
