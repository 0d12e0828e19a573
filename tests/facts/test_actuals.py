"""How far an indicator is: cases of one indicator and its row in a report, read on both paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.facts.test_fact_cases import test_the_facts_of_a_request as read_both_ways

CASES = YAML(typ="safe").load(
    (Path(__file__).resolve().parents[1] / "testdata" / "actuals" / "cases.yaml").read_text("utf-8")
)


def request_of(case: dict[str, Any]) -> dict[str, Any]:
    """The request of a case: one table, one indicator, one row."""
    return {
        "context": {"provided": ["SECTION_GOALS", "SECTION_INDICATORS", "SECTION_REPORT"]},
        "project": {"fiscalYear": 2024},
        "goals": [{"goalId": "G1", "indicators": [{"indicatorId": "I1", **case["indicator"]}]}],
        "report": {
            "asOf": str(case.get("as_of", "2024-07-31")),
            "indicatorActuals": [{"indicatorId": "I1", **case["actual"]}],
        },
    }


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_a_row_of_a_report(case: dict[str, Any]) -> None:
    """The facts of the row, and why those that are missing are."""
    read_both_ways(
        {
            "assess": request_of(case),
            "context": {"words": "national"},
            "facts": {f"actual.{name}[0]": value for name, value in case.get("facts", {}).items()},
            "missing": {f"actual.{name}[0]": value for name, value in case.get("missing", {}).items()},
        }
    )
