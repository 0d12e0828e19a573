"""The service over the project's own rules: one answer on every path; bad requests harm no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from rules_service.api import Rules
from rules_service.pb.budget.rules.v1 import application_pb2, options_pb2, result_pb2
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

ROOT = Path(__file__).parents[2]
REVIEWS = sorted((ROOT / "samples" / "review").glob("*.json"))[:12]
REPORTS = sorted((ROOT / "samples" / "assess").glob("*.json"))[:6]
DAY = "2026-11-22"
CANARY = "金丝雀"


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets", concluder="chainer") as loaded:
        yield loaded


def sample(path: Path, kind):
    request = json_format.Parse(path.read_text("utf-8"), kind())
    request.context.evaluated_on = DAY
    return request


def small() -> review_pb.ReviewRequest:
    """A request that breaks no structure."""
    request = review_pb.ReviewRequest()
    request.context.evaluated_on = DAY
    request.context.provided.extend([options_pb2.SECTION_GOALS, options_pb2.SECTION_INDICATORS])
    request.project.region_code = "全国"
    request.project.fiscal_year = 2026
    request.project.project_name = CANARY
    request.project.goals.add(goal_id="g1", goal_text=CANARY)
    return request


async def violations(call) -> list[tuple[str, str]]:
    with pytest.raises(aio.AioRpcError) as caught:
        await call
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    bad = error_details_pb2.BadRequest()
    for detail in rpc_status.from_call(caught.value).details:
        if detail.Is(bad.DESCRIPTOR):
            detail.Unpack(bad)
    return [(violation.field, violation.reason) for violation in bad.field_violations]


@pytest.mark.parametrize("path", REVIEWS, ids=lambda path: path.stem)
async def test_a_review_is_the_same_in_the_process_alone_and_in_a_batch(start, rules, path):
    service = await start(rules=rules)
    request = sample(path, review_pb.ReviewRequest)
    expected = rules.review(request)
    alone = await service.reviews.Review(request)
    together = await service.reviews.ReviewBatch(review_pb.ReviewBatchRequest(requests=[request, request]))
    assert alone == expected
    assert [item.response for item in together.results] == [expected, expected]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
async def test_an_assessment_is_the_same_in_the_process_and_over_the_wire(start, rules, path):
    service = await start(rules=rules)
    request = sample(path, monitoring_pb.AssessRequest)
    assert await service.monitoring.Assess(request) == rules.assess(request)


def ten_thousand_indicators() -> review_pb.ReviewRequest:
    request = small()
    indicator = application_pb2.PerformanceIndicator(lv3_name=CANARY)
    request.project.goals[0].indicators.extend([indicator] * 10_000)
    return request


def a_megabyte_of_text() -> review_pb.ReviewRequest:
    request = small()
    request.project.goals[0].goal_text = CANARY * 120_000
    return request


def an_unknown_enum() -> review_pb.ReviewRequest:
    request = small()
    request.project.goals[0].indicators.add(kind=99)
    return request


def everything_at_once() -> review_pb.ReviewRequest:
    request = small()
    request.context.rule_date = CANARY
    request.project.requested_fen = 10**17
    request.project.goals[0].indicators.add(weight=CANARY, indicator_id="i1")
    request.project.goals[0].indicators.add(weight="1e3", indicator_id="i1")
    return request


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (ten_thousand_indicators, {("project.goals[0].indicators", "LIST_TOO_LONG")}),
        (a_megabyte_of_text, {("project.goals[0].goal_text", "TEXT_TOO_LONG")}),
        (an_unknown_enum, {("project.goals[0].indicators[0].kind", "ENUM_UNKNOWN")}),
        (
            everything_at_once,
            {
                ("context.rule_date", "DATE_SYNTAX"),
                ("project.requested_fen", "MONEY_RANGE"),
                ("project.goals[0].indicators[0].weight", "DECIMAL_SYNTAX"),
                ("project.goals[0].indicators[1].weight", "DECIMAL_SYNTAX"),
                ("project.goals[0].indicators[1].indicator_id", "ID_DUPLICATE"),
            },
        ),
    ],
)
async def test_a_bad_request_is_told_everything_and_harms_no_other(start, rules, make, expected):
    service = await start(rules=rules)
    assert set(await violations(service.reviews.Review(make()))) == expected
    batch = review_pb.ReviewBatchRequest(requests=[small(), make(), small()])
    answer = await service.reviews.ReviewBatch(batch)
    assert [item.code for item in answer.results] == [0, grpc.StatusCode.INVALID_ARGUMENT.value[0], 0]
    assert {(fault.field, fault.code) for fault in answer.results[1].violations} == expected
    assert await service.reviews.Review(small()) == rules.review(small())
    assert CANARY not in service.stream.getvalue().decode()


@pytest.mark.parametrize(
    ("context", "region", "code"),
    [
        ({"pin": review_pb.RulesetPin(hash="0" * 64)}, "全国", grpc.StatusCode.NOT_FOUND),
        ({"pin": review_pb.RulesetPin(bundle="other")}, "全国", grpc.StatusCode.NOT_FOUND),
        ({}, CANARY, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_rules_that_cannot_be_chosen(start, rules, context, region, code):
    service = await start(rules=rules)
    request = small()
    request.context.MergeFrom(review_pb.RequestContext(**context))
    request.project.region_code = region
    with pytest.raises(aio.AioRpcError) as caught:
        await service.reviews.Review(request)
    assert caught.value.code() is code
    assert CANARY not in service.stream.getvalue().decode()


async def test_a_pin_to_the_live_bundle_gives_the_same_answer(start, rules):
    service = await start(rules=rules)
    free = await service.reviews.Review(small())
    pinned = small()
    pinned.context.pin.hash = free.stamp.hash
    assert (await service.reviews.Review(pinned)).digest == free.digest


async def test_of_a_classified_project_nothing_is_told(start, rules):
    service = await start(rules=rules)
    request = small()
    request.project.classified = True
    request.context.detail = review_pb.FINDING_DETAIL_ALL
    answer = await service.reviews.Review(request)
    assert answer.decision != result_pb2.DECISION_UNSPECIFIED
    assert CANARY not in json_format.MessageToJson(answer, ensure_ascii=False)
    assert CANARY not in service.stream.getvalue().decode()
