"""Every real goal table under the national base and under one strict overlay (资兴): what differs, and why.

The region is replaced here, no sample is edited. A row says which findings differ (outcome and level, those
that do not apply left out) and the sentence of the overlay's document that asks for it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format

from rules_service.api import Rules
from rules_service.pb.budget.rules.v1 import result_pb2, review_service_pb2

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
NATIONAL, OVERLAY = "全国", "资兴"
UNCHECKED = "不查"


def table(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = table("under_overlay.csv")


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets") as loaded:
        yield loaded


def answer(rules: Rules, name: str, region: str) -> review_service_pb2.ReviewResponse:
    request = review_service_pb2.ReviewRequest()
    json_format.Parse((SAMPLES / "review" / f"{name}.json").read_text(encoding="utf-8"), request)
    request.project.region_code = region
    request.context.detail = review_service_pb2.FINDING_DETAIL_ALL
    return rules.review(request)


def findings(given: review_service_pb2.ReviewResponse) -> dict[tuple[str, str], str]:
    """(rule, path): outcome and level, of what applies."""
    return {
        (each.rule_id, each.path): (
            f"{result_pb2.Outcome.Name(each.outcome).removeprefix('OUTCOME_')} "
            f"{result_pb2.Severity.Name(each.severity).removeprefix('SEVERITY_')}"
        )
        for each in given.findings
        if each.outcome != result_pb2.OUTCOME_NOT_APPLICABLE
    }


def differences(base: dict[tuple[str, str], str], local: dict[tuple[str, str], str]) -> str:
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for place in base.keys() | local.keys():
        before, after = base.get(place, UNCHECKED), local.get(place, UNCHECKED)
        if before != after:
            found[place[0]][0].add(before)
            found[place[0]][1].add(after)
    return "；".join(
        f"{rule} {'、'.join(sorted(before))} → {'、'.join(sorted(after))}"
        for rule, (before, after) in sorted(found.items())
    )


def conclusion(given: review_service_pb2.ReviewResponse) -> tuple[str, str]:
    return result_pb2.Decision.Name(given.decision).removeprefix("DECISION_"), given.verdict.grade


def test_every_real_goal_table_is_there():
    real = {
        row["record"]
        for row in table("index.csv")
        if row["file"].startswith("review/") and row["kind"] == "real"
    }
    assert [row["sample"] for row in ROWS] == sorted(real)


def test_every_row_says_why():
    assert all(row["why"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["sample"])
def test_the_overlay_changes_what_its_document_says_and_nothing_else(rules, row):
    base, local = answer(rules, row["sample"], NATIONAL), answer(rules, row["sample"], OVERLAY)
    assert conclusion(base) == (row["base_decision"], row["base_grade"])
    assert conclusion(local) == (row["overlay_decision"], row["overlay_grade"])
    assert differences(findings(base), findings(local)) == row["rules"]
