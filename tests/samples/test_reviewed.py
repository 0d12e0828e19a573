"""The answers on the samples: what was judged right stays, completed tables are decided as expected."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
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

SUBJECTS = " subjects"  # "5 subjects": a PASS of a rule on so many of them
RIGHT: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
JUDGED: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
with (SAMPLES / "reviewed.csv").open(encoding="utf-8", newline="") as reviewed_file:
    for row in csv.DictReader(reviewed_file):
        finding = (row["rule"], row["path"], row["outcome"])
        JUDGED[row["sample"]].add(finding)
        if row["judged"] == "right" and row["rule"] != "decision":
            RIGHT[row["sample"]].add(finding)


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets") as loaded:
        yield loaded


def answer(rules: Rules, name: str):
    """The answer to a sample, with every finding."""
    path = PATHS[name]
    kind, ask = {
        "review": (review_service_pb2.ReviewRequest, rules.review),
        "assess": (monitoring_service_pb2.AssessRequest, rules.assess),
    }[path.parent.name]
    request = json_format.Parse(path.read_text(encoding="utf-8"), kind())
    request.context.detail = review_service_pb2.FINDING_DETAIL_ALL
    return ask(request)


def outcomes(findings) -> set[tuple[str, str, str]]:
    return {
        (each.rule_id, each.path, result_pb2.Outcome.Name(each.outcome).removeprefix("OUTCOME_"))
        for each in findings
    }


def counted(findings) -> set[tuple[str, str, str]]:
    """How many subjects each rule passes."""
    passed = Counter(each.rule_id for each in findings if each.outcome == result_pb2.OUTCOME_PASS)
    return {(rule, f"{count}{SUBJECTS}", "PASS") for rule, count in passed.items()}


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_what_was_judged_right_is_still_answered(rules, name):
    findings = answer(rules, name).findings
    assert RIGHT[name] - outcomes(findings) - counted(findings) == set()


@pytest.mark.parametrize("name", sorted(PATHS))
def test_every_complaint_about_a_sample_has_been_judged(rules, name):
    """A new rule that fails or leaves open a published table is read by somebody before it ships."""
    told = {each for each in outcomes(answer(rules, name).findings) if each[2] in {"FAIL", "INDETERMINATE"}}
    assert told - JUDGED[name] == set()


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
    found = [each for each in outcomes(answer(rules, row["sample"]).findings) if each[0] == row["rule"]]
    at_place = [each for each in found if each[1] == row["path"]] or found
    assert row["second_outcome"] in {outcome for _, _, outcome in at_place}
