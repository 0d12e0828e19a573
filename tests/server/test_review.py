"""Single calls: answers, statuses with all violations, deadlines, and that a bad request harms no other."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from rules_service.facts.structure import Violation
from rules_service.facts.violation_texts import violation_text
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb


def request(name: str = "good", **context) -> review_pb.ReviewRequest:
    made = review_pb.ReviewRequest(context=review_pb.RequestContext(request_id="r-1", **context))
    made.project.project_name = name
    return made


async def refused(call) -> tuple[grpc.StatusCode, error_details_pb2.ErrorInfo, error_details_pb2.BadRequest]:
    """The status of a call that must fail: code, ErrorInfo, BadRequest."""
    with pytest.raises(aio.AioRpcError) as caught:
        await call
    status = rpc_status.from_call(caught.value)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        for kind in (info, bad):
            if detail.Is(kind.DESCRIPTOR):
                detail.Unpack(kind)
    assert info.domain == "budget.rules.v1"
    return caught.value.code(), info, bad


async def still_answers(service) -> None:
    answer = await service.reviews.Review(request())
    assert answer.decision == result_pb2.DECISION_RETURN


async def test_a_review_is_answered(service):
    answer = await service.reviews.Review(request())
    assert answer.request_id == "r-1"
    assert answer.findings[0].rule_id == "CMP-09"


async def test_an_assessment_is_answered(service):
    answer = await service.monitoring.Assess(monitoring_pb.AssessRequest())
    assert answer.level == result_pb2.SEVERITY_RED


async def test_all_violations_come_at_once(service):
    code, info, bad = await refused(service.reviews.Review(request("invalid")))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert info.reason == "INVALID_REQUEST"
    assert [(v.field, v.reason) for v in bad.field_violations] == [
        ("project.a", "DECIMAL_SYNTAX"),
        ("project.b", "PROJECT_MISSING"),
    ]
    assert info.metadata["violations"] == "2"
    assert "listed" not in info.metadata


@pytest.mark.parametrize(
    ("language", "words"), [(review_pb.LANGUAGE_ZH, "zh"), (review_pb.LANGUAGE_EN, "en")]
)
async def test_violations_are_told_in_the_language_asked_for(service, language, words):
    _, _, bad = await refused(service.reviews.Review(request("invalid", language=language)))
    expected = violation_text(Violation("project.b", "PROJECT_MISSING"), words)
    assert bad.field_violations[1].description == expected


async def test_of_a_classified_project_no_value_is_repeated(service):
    bad = request("invalid")
    bad.project.content_text = "金丝雀"
    _, _, told = await refused(service.reviews.Review(bad))
    assert "金丝雀" in told.field_violations[0].description
    bad.project.classified = True
    _, _, told = await refused(service.reviews.Review(bad))
    assert told.field_violations[0].description == "DECIMAL_SYNTAX"


async def test_more_violations_than_metadata_can_carry_are_counted(service):
    """The status must reach a client that accepts 8 KiB of metadata, the default of gRPC for Java."""
    options = [("grpc.max_metadata_size", 8192), ("grpc.absolute_max_metadata_size", 8192)]
    async with aio.insecure_channel(f"127.0.0.1:{service.port}", options=options) as channel:
        call = channel.unary_unary("/budget.rules.v1.ReviewService/Review")
        code, info, bad = await refused(call(request("many").SerializeToString()))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert info.metadata["violations"] == "10000"
    assert int(info.metadata["listed"]) == len(bad.field_violations) > 20
    await still_answers(service)


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("unknown pin", grpc.StatusCode.NOT_FOUND, "UNKNOWN_PIN"),
        ("contradiction", grpc.StatusCode.INVALID_ARGUMENT, "PIN_CONTRADICTION"),
        ("unknown region", grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_REGION"),
    ],
)
async def test_each_error_has_its_code_and_reason(service, name, code, reason):
    found, info, _ = await refused(service.reviews.Review(request(name)))
    assert (found, info.reason) == (code, reason)


@pytest.mark.parametrize(
    "method", ["ReviewService/Review", "MonitoringService/Assess", "ReviewService/ReviewBatch"]
)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xff\xff\xff", id="no protobuf"),
        pytest.param(b"\x0a\x10short", id="cut off"),
        pytest.param(b"\x0a\x04\x0a\x02\xff\xfe", id="text that is not UTF-8"),
    ],
)
async def test_damaged_bytes_are_the_callers_error(service, method, data):
    code, info, _ = await refused(service.raw(method)(data))
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NOT_PROTOBUF")
    await still_answers(service)


async def test_a_request_above_the_limit_is_refused(start):
    service = await start(max_request_bytes=2000)
    code, info, _ = await refused(service.reviews.Review(request("x" * 2000)))
    assert (code, info.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE")
    assert info.metadata["limit"] == "2000"
    await still_answers(service)


async def test_a_message_above_the_limit_of_messages_is_refused(start):
    service = await start(max_request_bytes=2000, max_message_bytes=4000)
    with pytest.raises(aio.AioRpcError) as caught:
        await service.reviews.Review(request("x" * 5000))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await still_answers(service)


async def test_a_fault_of_ours_tells_a_reference_and_nothing_else(service):
    bad = request("fault")
    bad.project.content_text = "金丝雀"
    code, info, _ = await refused(service.reviews.Review(bad))
    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    [line] = [line for line in service.log if line["event"] == "internal_error"]
    assert line["reference"] == info.metadata["reference"]
    assert line["error"] == "KeyError"
    assert any(frame.endswith("review_async") for frame in line["frames"])
    assert "金丝雀" not in service.stream.getvalue().decode()
    await still_answers(service)


async def test_without_a_bundle_a_call_is_told_to_come_again(service):
    service.backend.rules = None
    code, info, _ = await refused(service.reviews.Review(request()))
    assert (code, info.reason) == (grpc.StatusCode.UNAVAILABLE, "NO_BUNDLE")


async def test_a_deadline_ends_the_call_and_no_other(service):
    began, over = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        began.set()
        await over.wait()

    service.fake.on_call = lambda name: hold() if name == "slow" else None
    slow = asyncio.create_task(_awaited(service.reviews.Review(request("slow"), timeout=0.05)))
    await began.wait()
    with pytest.raises(aio.AioRpcError) as caught:
        await slow
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    over.set()
    await still_answers(service)


async def _awaited(call):
    return await call
