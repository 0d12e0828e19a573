"""What a reader noted on the published tables: found by the rule named, or out of every rule's sight.

One row a note, in the order of the records. ``why_not`` says in words why no rule can see it: the table
does not hold what it takes, it is a remark on the copy, or only a person can judge it. A note that holds
two points has both. PASS is for notes that say something is in order.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format

from rules_service.api import Rules
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2, result_pb2, review_service_pb2

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
PATHS = {path.stem: path for path in SAMPLES.glob("*/*.json")}

with (SAMPLES / "noted_faults.csv").open(encoding="utf-8", newline="") as noted_file:
    ROWS = list(csv.DictReader(noted_file))
FOUND = [row for row in ROWS if row["rule"]]


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets") as loaded:
        yield loaded


def sample_of(row: dict[str, str]) -> str:
    """The sample that holds the finding; monitoring notes may point to the goal table of the same record."""
    return (
        "G-" + row["record"] if row["sample"].startswith("G-M") and row["record"][0] == "M" else row["record"]
    )


def findings(rules: Rules, name: str) -> set[tuple[str, str, str]]:
    text = PATHS[name].read_text(encoding="utf-8")
    if PATHS[name].parent.name == "review":
        request = review_service_pb2.ReviewRequest()
        ask = rules.review
    else:
        request = monitoring_service_pb2.AssessRequest()
        ask = rules.assess
    json_format.Parse(text, request)
    request.context.detail = review_service_pb2.FINDING_DETAIL_ALL
    return {
        (each.rule_id, each.path, result_pb2.Outcome.Name(each.outcome).removeprefix("OUTCOME_"))
        for each in ask(request).findings
    }


def test_every_note_has_its_row():
    notes = []
    for name in ("goals", "monitoring"):
        for line in (SAMPLES / "source" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            notes += [(record["id"], note) for note in record["notes"]]
    assert [(row["record"], row["note"]) for row in ROWS] == notes


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["record"])
def test_a_note_is_found_or_the_reason_is_given(row):
    assert row["rule"] or row["why_not"]
    assert bool(row["rule"]) == bool(row["sample"]) == bool(row["path"]) == bool(row["outcome"])


@pytest.mark.parametrize("row", FOUND, ids=lambda row: f"{row['sample']}-{row['rule']}")
def test_a_finding_is_about_the_table_of_the_note(row):
    assert row["sample"].removesuffix("-rows").removesuffix("-completed") == sample_of(row)


@pytest.mark.parametrize("row", FOUND, ids=lambda row: f"{row['sample']}-{row['rule']}")
def test_a_noted_fault_is_found(rules, row):
    assert (row["rule"], row["path"], row["outcome"]) in findings(rules, row["sample"])
