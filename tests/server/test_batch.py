"""Batches: order, a status for each item, one snapshot, deadlines, and that other calls get their turn."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.envelope import ReviewBatchEnvelope

INVALID, NOT_FOUND, INTERNAL = 3, 5, 13


def batch(*names: str, **fields) -> review_pb.ReviewBatchRequest:
    made = review_pb.ReviewBatchRequest(**fields)
    for number, name in enumerate(names):
        item = made.requests.add()
        item.context.request_id = f"r-{number}"
        item.project.project_name = name
    return made


async def test_items_keep_their_order_and_have_a_status_each(service):
    answer = await service.reviews.ReviewBatch(
        batch("good", "invalid", "unknown pin", "fault", "unknown region", "good")
    )
    assert [item.code for item in answer.results] == [0, INVALID, NOT_FOUND, INTERNAL, INVALID, 0]
    assert [item.response.request_id for item in answer.results if not item.code] == ["r-0", "r-5"]
    assert [v.field for v in answer.results[1].violations] == ["project.a", "project.b"]


async def test_an_item_carries_all_its_violations(service):
    answer = await service.reviews.ReviewBatch(batch("many"))
    assert len(answer.results[0].violations) == 10_000


async def test_a_damaged_item_does_not_harm_the_others(service):
    envelope = ReviewBatchEnvelope()
    good = batch("good").requests[0].SerializeToString()
    envelope.requests.extend([good, b"\xff\xff\xff", b"\x12\x04\x12\x02\xff\xfe", good])
    data = await service.raw("ReviewService/ReviewBatch")(envelope.SerializeToString())
    answer = review_pb.ReviewBatchResponse.FromString(data)
    assert [item.code for item in answer.results] == [0, INVALID, INVALID, 0]


async def test_an_item_above_the_limit_is_refused_alone(start):
    service = await start(max_request_bytes=1024)
    answer = await service.reviews.ReviewBatch(batch("good", "x" * 2000, "good"))
    assert [item.code for item in answer.results] == [0, grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], 0]


async def test_an_empty_batch_is_answered(service):
    assert not (await service.reviews.ReviewBatch(batch())).results


async def test_a_batch_too_long_is_refused(start):
    service = await start(max_batch_items=2)
    with pytest.raises(aio.AioRpcError) as caught:
        await service.reviews.ReviewBatch(batch("good", "good", "good"))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.fake.calls == []


async def test_an_answer_too_large_is_refused(start):
    service = await start(max_answer_bytes=1024)
    with pytest.raises(aio.AioRpcError) as caught:
        await service.reviews.ReviewBatch(batch(*["good"] * 50))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_the_pin_of_a_batch_holds_for_all_and_an_item_may_not_differ(service):
    pin = review_pb.RulesetPin(bundle="base", version="1")
    made = batch("good", "good", "good", pin=pin)
    made.requests[1].context.pin.version = "2"
    made.requests[2].context.pin.CopyFrom(pin)
    answer = await service.reviews.ReviewBatch(made)
    assert [item.code for item in answer.results] == [0, INVALID, 0]
    assert answer.results[1].violations[0].field == "context.pin"


async def test_a_batch_stays_with_the_rules_it_began_with(service):
    """The bundle is exchanged while the batch runs: all its items are answered by the first."""
    first = service.fake
    first.on_call = lambda _name: setattr(service.backend, "rules", None)
    answer = await service.reviews.ReviewBatch(batch("good", "good"))
    assert [item.code for item in answer.results] == [0, 0]
    assert first.calls == ["good", "good"]


async def test_past_the_deadline_no_further_item_is_worked_on(service):
    """A status for the whole, never a part of the answers as if it were all."""
    hold = asyncio.Event()
    service.fake.on_call = lambda name: hold.wait() if name == "slow" else None
    with pytest.raises(aio.AioRpcError) as caught:
        await service.reviews.ReviewBatch(batch("good", "slow", "never"), timeout=0.1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    hold.set()
    await service.reviews.Review(batch("after").requests[0])
    assert service.fake.calls == ["good", "slow", "after"]


async def test_single_calls_and_health_live_while_a_batch_runs(start):
    """A batch that works without a pause is overtaken by calls that come while it runs."""
    service = await start(batch_slice_ms=1)
    seen: list[str] = []
    running = asyncio.Event()

    def on_call(name: str) -> None:
        running.set()
        seen.append(name)

    service.fake.on_call = on_call
    work = asyncio.create_task(_awaited(service.reviews.ReviewBatch(batch(*["item"] * 1000))))
    await running.wait()
    await service.reviews.Review(batch("single").requests[0])
    health = health_pb2_grpc.HealthStub(service.channel)
    status = (await health.Check(health_pb2.HealthCheckRequest())).status
    assert status == health_pb2.HealthCheckResponse.SERVING
    assert len((await work).results) == 1000
    assert seen.index("single") < 1000


async def test_an_item_of_a_batch_gets_the_answer_of_a_single_call(service):
    alone = await service.reviews.Review(batch("good").requests[0])
    together = await service.reviews.ReviewBatch(batch("good"))
    assert together.results[0].response == alone
    assert alone.decision == result_pb2.DECISION_RETURN


async def _awaited(call):
    return await call
