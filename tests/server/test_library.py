"""The library service: the same answers and refusals as the Python API, beside the other services."""

from __future__ import annotations

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rules_service import api
from rules_service.pb.budget.rules.v1 import library_service_pb2 as pb
from rules_service.pb.budget.rules.v1 import library_service_pb2_grpc
from rules_service.pb.budget.rules.v1.review_service_pb2 import RequestContext
from rules_service.server.handlers import LIBRARY
from tests.paths.routes import PROJECT
from tests.server.test_review import refused


@pytest.fixture(scope="module")
def rules():
    with api.Rules.load(PROJECT / "rulesets", concluder="chainer") as loaded:
        yield loaded


@pytest_asyncio.fixture
async def library(start, rules):
    """A service over the shipped rules, and its stub."""
    service = await start(rules=rules)
    return service, library_service_pb2_grpc.LibraryServiceStub(service.channel)


def request(**fields) -> pb.LookUpRequest:
    fields = {"region_code": "安康", "fiscal_year": 2025, "library_id": "sample-core"} | fields
    return pb.LookUpRequest(context=RequestContext(request_id="r-1"), **fields)


async def test_the_service_answers_as_the_api_does(library, rules):
    service, stub = library
    asked = request(industry_code="NY", page_size=3)
    answer = await stub.LookUp(asked)
    assert answer == rules.look_up(asked)
    assert [each.core_indicator_code for each in answer.indicators] == ["YS-01", "JS-01", "NY-01"]
    line = service.log[-1]
    assert (line["method"], line["code"], line["request_id"]) == ("LookUp", "OK", "r-1")
    assert (line["region"], line["found"]) == ("安康", 15)


@pytest.mark.parametrize(
    ("fields", "status", "field", "code"),
    [
        ({"industry_code": "XX"}, grpc.StatusCode.INVALID_ARGUMENT, "industry_code", "LIBRARY_CLASS_UNKNOWN"),
        ({"region_code": "乌有市"}, grpc.StatusCode.INVALID_ARGUMENT, "region_code", "UNKNOWN_REGION"),
        ({"page_size": 9_999}, grpc.StatusCode.INVALID_ARGUMENT, "page_size", "PAGE_SIZE"),
    ],
)
async def test_refusals(library, fields, status, field, code):
    service, stub = library
    found, _, bad = await refused(stub.LookUp(request(**fields)))
    assert found is status
    assert [(one.field, one.reason) for one in bad.field_violations] == [(field, code)]
    assert service.log[-1]["codes"] == [code]


async def test_bytes_that_are_no_request(library):
    service, _ = library
    found, info, _ = await refused(service.raw("LibraryService/LookUp")(b"\xff\xff"))
    assert (found, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "NOT_PROTOBUF")


async def test_health_and_reflection(library):
    service, _ = library
    health = health_pb2_grpc.HealthStub(service.channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(service=LIBRARY))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_without_rules_there_is_no_answer(start):
    service = await start()
    service.backend.rules = None
    stub = library_service_pb2_grpc.LibraryServiceStub(service.channel)
    found, info, _ = await refused(stub.LookUp(request()))
    assert (found, info.reason) == (grpc.StatusCode.UNAVAILABLE, "NO_BUNDLE")
