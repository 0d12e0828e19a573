"""Health and reflection: healthy only with valid rules, by the whole and by service."""

from __future__ import annotations

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rules_service.server.handlers import LIBRARY, MONITORING, REVIEW

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def check(service, name: str) -> int:
    request = health_pb2.HealthCheckRequest(service=name)
    return (await health_pb2_grpc.HealthStub(service.channel).Check(request)).status


@pytest.mark.parametrize("name", ["", REVIEW, MONITORING, LIBRARY])
async def test_health_follows_the_rules(start, name):
    service = await start(healthy=False)
    assert await check(service, name) == NOT_SERVING
    await service.app.serving(True)
    assert await check(service, name) == SERVING
    await service.app.serving(False)
    assert await check(service, name) == NOT_SERVING


async def test_an_unknown_service_is_not_found(service):
    with pytest.raises(aio.AioRpcError) as caught:
        await check(service, "other.Service")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_sees_the_change(start):
    service = await start(healthy=False)
    watch = health_pb2_grpc.HealthStub(service.channel).Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == NOT_SERVING
    await service.app.serving(True)
    assert (await watch.read()).status == SERVING
    watch.cancel()


async def test_reflection_lists_the_services(service):
    stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
    answer = await call.read()
    await call.done_writing()
    names = {entry.name for entry in answer.list_services_response.service}
    assert {REVIEW, MONITORING, LIBRARY, "grpc.health.v1.Health"} <= names


async def test_reflection_knows_the_messages(service):
    stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    call = stub.ServerReflectionInfo()
    await call.write(
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="budget.rules.v1.ReviewRequest")
    )
    answer = await call.read()
    await call.done_writing()
    assert answer.file_descriptor_response.file_descriptor_proto
