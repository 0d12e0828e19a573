"""Metrics and log: what is counted and told, and that no request text ever is."""

from __future__ import annotations

import pytest
from grpc import aio
from prometheus_client import generate_latest

from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

CANARY = "金丝雀canary"
AMOUNT = 987_654_321_012


def request(name: str, *, classified: bool = False) -> review_pb.ReviewRequest:
    made = review_pb.ReviewRequest(context=review_pb.RequestContext(request_id="r-1"))
    made.project.project_name = name
    made.project.content_text = CANARY
    made.project.region_code = CANARY
    made.project.requested_fen = AMOUNT
    if classified:
        made.project.classified = True
    return made


def lines(page: bytes) -> dict[str, float]:
    text = page.decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in text if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


async def fails(call) -> None:
    with pytest.raises(aio.AioRpcError):
        await call


async def test_every_call_is_counted_by_method_and_code(service):
    await service.reviews.Review(request("good"))
    await service.monitoring.Assess(monitoring_pb.AssessRequest())
    await fails(service.reviews.Review(request("invalid")))
    await fails(service.reviews.Review(request("fault")))
    await service.reviews.ReviewBatch(
        review_pb.ReviewBatchRequest(requests=[request("good"), request("invalid")])
    )
    found = lines(generate_latest(service.metrics.registry))
    assert found['rules_requests_total{code="OK",method="Review"}'] == 1
    assert found['rules_requests_total{code="INVALID_ARGUMENT",method="Review"}'] == 1
    assert found['rules_requests_total{code="INTERNAL",method="Review"}'] == 1
    assert found['rules_requests_total{code="OK",method="Assess"}'] == 1
    assert found['rules_batch_results_total{code="INVALID_ARGUMENT",method="ReviewBatch"}'] == 1
    assert found['rules_request_seconds_count{method="Review"}'] == 3
    assert found['rules_decisions_total{decision="RETURN"}'] == 2
    assert found['rules_levels_total{level="RED"}'] == 1
    assert found['rules_findings_total{outcome="PASS"}'] == 6
    assert found['rules_rule_outcomes_total{outcome="FAIL",rule="CMP-09"}'] == 2
    assert found['rules_missing_total{reason="NOT_SENT"}'] == 2
    assert found['rules_batch_items_sum{method="ReviewBatch"}'] == 2
    assert found["rules_serving"] == 1


async def test_the_names_of_all_metrics_are_there_before_the_first_call(service):
    page = generate_latest(service.metrics.registry).decode()
    for name in (
        "rules_memo_hits", "rules_memo_misses", "rules_worker_restarts", "rules_disagreements",
        "rules_alone_answers", "rules_reloads", "rules_reload_failures", "rules_bundle_info",
        "rules_bundle_age_seconds",
    ):  # fmt: skip
        assert f"# HELP {name}" in page


async def test_the_bundle_that_answers_is_told(service):
    service.metrics.bundle_live("base", "1", "abc")
    service.metrics.bundle_live("base", "2", "def")
    found = lines(generate_latest(service.metrics.registry))
    assert found['rules_bundle_info{bundle="base",hash="def",version="2"}'] == 1
    assert 'rules_bundle_info{bundle="base",hash="abc",version="1"}' not in found
    assert found["rules_bundle_age_seconds"] >= 0


async def test_a_call_writes_one_line(service):
    await service.reviews.Review(request("good"))
    [line] = service.log
    assert line.pop("ms") > 0
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "event": "call",
        "level": "info",
        "method": "Review",
        "code": "OK",
        "request_id": "r-1",
        "region": "湖南",
        "bundle": "f" * 12,
        "decision": "RETURN",
        "digest": "d" * 64,
        "passed": 3,
        "failed": 1,
        "indeterminate": 1,
        "error": 0,
    }


@pytest.mark.parametrize("name", ["good", "invalid", "many", "unknown pin", "contradiction", "fault"])
async def test_no_text_and_no_amount_of_a_request_is_logged(start, name):
    service = await start(log_level="debug")
    for sent in (request(name), request(name, classified=True)):
        call = service.reviews.Review(sent)
        await (call if name == "good" else fails(call))
        await service.reviews.ReviewBatch(review_pb.ReviewBatchRequest(requests=[sent]))
    written = service.stream.getvalue().decode()
    assert len(service.log) >= 4
    assert CANARY not in written
    assert str(AMOUNT) not in written
    assert "987654" not in written


async def test_a_request_id_that_is_not_an_identifier_is_not_logged(service):
    sent = request("good")
    sent.context.request_id = CANARY
    await service.reviews.Review(sent)
    assert service.log[0]["request_id"] is None


async def test_of_a_classified_project_only_rules_and_outcomes_are_logged(service):
    await service.reviews.Review(request("good", classified=True))
    [line] = service.log
    assert set(line) == {"event", "level", "timestamp", "method", "code", "ms", "decision", "rules"}
    assert line["rules"] == ["CMP-09 FAIL", "GATE-01 INDETERMINATE"]


async def test_the_level_switches_the_lines_of_calls_but_not_our_errors(start):
    service = await start(log_level="error")
    await service.reviews.Review(request("good"))
    await fails(service.reviews.Review(request("invalid")))
    await fails(service.reviews.Review(request("fault")))
    assert [(line["event"], line.get("code")) for line in service.log] == [
        ("internal_error", None),
        ("call", "INTERNAL"),
    ]
