"""A table of days read between its points: the last one holds, or days are interpolated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rules_service import Rules
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.options_pb2 import SECTION_BUDGET_CHANGES, SECTION_REPORT

RULESETS = Path(__file__).parents[2] / "rulesets"
OVERLAY = "overlays/四川/overlay.yaml"


@pytest.mark.parametrize(
    ("between", "spent_fen", "outcome"),
    [
        ("hold", 40_000_000, "PASS"),  # 30 June's 40 % holds on 31 July
        ("hold", 39_999_999, "FAIL"),
        ("interpolate", 50_000_000, "PASS"),  # 31 of the 62 days from 40 % to 60 %
        ("interpolate", 49_999_999, "FAIL"),
    ],
)
def test_31_july_in_sichuan(tmp_path: Path, between: str, spent_fen: int, outcome: str) -> None:
    """The same spending is enough under the one reading and not under the other; orange at most."""
    shutil.copytree(RULESETS, tmp_path / "rulesets")
    path = tmp_path / "rulesets" / OVERLAY
    text = path.read_text("utf-8")
    assert text.count("between: hold") == 1
    path.write_text(text.replace("between: hold", f"between: {between}"), encoding="utf-8")
    request = AssessRequest()
    request.context.provided.extend([SECTION_REPORT, SECTION_BUDGET_CHANGES])
    request.context.evaluated_on = "2026-08-15"
    request.context.detail = 2
    request.project.region_code = "四川"
    request.project.fiscal_year = 2026
    request.report.as_of = "2026-07-31"
    request.report.original_budget_fen = 100_000_000
    request.report.spent_fen = spent_fen
    with Rules.load(tmp_path / "rulesets", concluder="chainer") as rules:
        answer = rules.assess(request)
    [finding] = [finding for finding in answer.findings if finding.rule_id == "MON-03"]
    assert result_pb2.Outcome.Name(finding.outcome) == f"OUTCOME_{outcome}"
    assert outcome == "PASS" or finding.severity == result_pb2.SEVERITY_ORANGE
