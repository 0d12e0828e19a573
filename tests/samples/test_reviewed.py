"""The answers on the samples: what was judged right stays, completed tables are decided as expected."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format
from ruamel.yaml import YAML

from rules_service.api import Rules
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2, result_pb2, review_service_pb2

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
PATHS = {path.stem: path for path in SAMPLES.glob("*/*.json")}
COMPLETIONS = {path.stem: path for path in sorted((SAMPLES / "completions").glob("*.yaml"))}

RIGHT: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
with (SAMPLES / "reviewed.csv").open(encoding="utf-8", newline="") as reviewed_file:
    for row in csv.DictReader(reviewed_file):
        if row["judged"] == "right" and row["outcome"] in {"FAIL", "INDETERMINATE"}:
            RIGHT[row["sample"]].add((row["rule"], row["path"], row["outcome"]))


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets") as loaded:
        yield loaded


def answer(rules: Rules, name: str):
    """The answer to a sample."""
    path = PATHS[name]
    text = path.read_text(encoding="utf-8")
    if path.parent.name == "review":
        return rules.review(json_format.Parse(text, review_service_pb2.ReviewRequest()))
    return rules.assess(json_format.Parse(text, monitoring_service_pb2.AssessRequest()))


def outcomes(findings) -> set[tuple[str, str, str]]:
    return {
        (each.rule_id, each.path, result_pb2.Outcome.Name(each.outcome).removeprefix("OUTCOME_"))
        for each in findings
    }


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_what_was_judged_right_is_still_answered(rules, name):
    assert RIGHT[name] - outcomes(answer(rules, name).findings) == set()


@pytest.mark.parametrize("name", COMPLETIONS)
def test_a_completed_table_is_decided_as_expected(rules, name):
    expected = YAML(typ="base").load(COMPLETIONS[name].read_text(encoding="utf-8"))["expected"]
    got = answer(rules, f"{name}-completed")
    failed = {rule for rule, _, outcome in outcomes(got.findings) if outcome == "FAIL"}
    if "level" in expected:
        level = result_pb2.Severity.Name(got.level).removeprefix("SEVERITY_")
        conclusion, wanted = level.replace("UNSPECIFIED", "NONE"), expected["level"]
    else:
        decision = result_pb2.Decision.Name(got.decision).removeprefix("DECISION_")
        grade = got.verdict.grade
        conclusion, wanted = (decision, grade), (expected["decision"], expected.get("verdict", grade))
    assert (conclusion, sorted(failed)) == (wanted, sorted(expected["fails"]))


with (SAMPLES / "second_judgement.csv").open(encoding="utf-8", newline="") as second_file:
    SECOND = list(csv.DictReader(second_file))


@pytest.mark.parametrize("row", SECOND, ids=[f"{row['sample']}-{row['rule']}" for row in SECOND])
def test_the_second_judge_agrees(rules, row):
    """Thirty answers were judged again by someone who saw neither the answer nor the first judgement."""
    kind = PATHS[row["sample"]].parent.name
    text = PATHS[row["sample"]].read_text(encoding="utf-8")
    service = {
        "review": (review_service_pb2.ReviewRequest(), rules.review),
        "assess": (monitoring_service_pb2.AssessRequest(), rules.assess),
    }
    request, ask = service[kind]
    json_format.Parse(text, request)
    request.context.detail = review_service_pb2.FINDING_DETAIL_ALL
    found = [each for each in outcomes(ask(request).findings) if each[0] == row["rule"]]
    at_place = [each for each in found if each[1] == row["path"]] or found
    assert row["second_outcome"] in {outcome for _, _, outcome in at_place}
