"""Figures that must come out exactly, on every route (those of the test ruleset: answers/numbers.yaml)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import pytest
from google.protobuf import json_format

from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from tests.paths.corpus import samples
from tests.paths.routes import Refused, Route, by_command, by_python, by_replay, served

FAIL, PASS = result_pb2.OUTCOME_FAIL, result_pb2.OUTCOME_PASS


@dataclass
class Every:
    """Asks every route, and gives the one answer that all give."""

    routes: dict[str, Route]

    def answer(self, request):
        results = {
            name: route([request])[0]
            for name, route in self.routes.items()
            if name != "batch" or isinstance(request, ReviewRequest)
        }
        assert not [one for one in results.values() if isinstance(one, Refused)]
        assert len({one.digest for one in results.values()}) == 1
        return results["python"]


@pytest.fixture(scope="module")
def every(national, national_roots, tmp_path_factory):
    with served(national) as service:
        yield Every(
            {
                "python": by_python(national),
                "grpc": service.review,
                "batch": service.batch,
                "command": by_command(national_roots, tmp_path_factory.mktemp("figures")),
                "replay": by_replay(national),
            }
        )


def of(answer, rule):
    (finding,) = [one for one in answer.findings if one.rule_id == rule]
    return finding


def computed(finding):
    return {one.name: (one.numerator, one.denominator, one.display) for one in finding.computed}


def test_licheng_is_31_47_percent_and_26_86_points_behind(every):
    request = dict(samples())["assess/M018.json"]
    assert request.report.original_budget_fen == 936_947 * 1_000_000
    assert request.report.spent_fen == 294_875 * 1_000_000
    request.context.detail = 2
    finding = of(every.answer(request), "MON-01")
    assert finding.outcome == FAIL
    numerator, denominator, _ = computed(finding)["gap"]
    assert int(numerator) * 12 * 936_947 == int(denominator) * (7 * 936_947 - 12 * 294_875)
    assert "31.47%" in finding.message
    assert "58.33%" in finding.message
    assert "26.86个百分点" in finding.message


WEIGHTS = ("28.7", "26.0", "14.2", "5.9", "15.2")


def weighted(weights):
    return json_format.ParseDict(
        {
            "context": {
                "request_id": "weights",
                "evaluated_on": "2024-09-01",
                "detail": "FINDING_DETAIL_ALL",
                "provided": ["SECTION_GOALS", "SECTION_INDICATORS"],
            },
            "project": {
                "region_code": "全国",
                "fiscal_year": 2024,
                "stage": "申报",
                "project_category": "特定目标类",
                "goals": [
                    {
                        "goal_id": "g",
                        "goal_type": "年度",
                        "form_code": "项目支出绩效目标申报表",
                        "indicators": [
                            {"indicator_id": f"i{n}", "weight": weight} for n, weight in enumerate(weights)
                        ],
                    }
                ],
            },
        },
        ReviewRequest(),
    )


def test_weights_of_decimals_total_90(every):
    assert of(every.answer(weighted(WEIGHTS)), "CMP-09").outcome == PASS


def test_weights_a_trillionth_off_do_not(every):
    weights = deepcopy(list(WEIGHTS))
    weights[-1] = "15.200000000001"
    assert of(every.answer(weighted(weights)), "CMP-09").outcome == FAIL
