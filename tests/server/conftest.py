"""A service in the test's own process, over a fake or the real rules, on a port of its own."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from grpc import aio

sys.path.insert(0, str(Path(__file__).parent))
if importlib.util.find_spec("rules_service.api") is None:
    import interim_api

    sys.modules["rules_service.api"] = interim_api
    import rules_service

    rules_service.api = interim_api

from rules_service import api
from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2_grpc, result_pb2, review_service_pb2_grpc
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.account import make_metrics
from rules_service.server.app import App
from rules_service.server.settings import Settings


@dataclass
class FakeViolation:
    path: str
    code: str

    def text(self, language: str) -> str:
        return f"{self.code} ({language})"


class FakeReviewer:
    """Answers by the project's name: what a test wants to happen."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.on_call: Callable[[str], Any] = lambda _name: None

    def snapshot(self) -> FakeReviewer:
        return self

    async def review_async(self, request: review_pb.ReviewRequest) -> review_pb.ReviewResponse:
        name = request.project.project_name
        self.calls.append(name)
        waiting = self.on_call(name)
        if waiting is not None:
            await waiting
        if name == "invalid":
            raise api.InvalidRequest([FakeViolation("project.a", "A"), FakeViolation("project.b", "B")])
        if name == "many":
            raise api.InvalidRequest(
                [FakeViolation(f"project.goals[0].indicators[{n}].weight", "DECIMAL") for n in range(10_000)]
            )
        if name == "unknown pin":
            raise api.NotFound("x")
        if name == "contradiction":
            raise api.PinContradiction("x")
        if name == "unknown region":
            raise api.UnknownRegion("x")
        if name == "fault":
            raise KeyError(request.project.content_text)
        finding = result_pb2.Finding(
            rule_id="CMP-09",
            outcome=result_pb2.OUTCOME_FAIL,
            severity=result_pb2.SEVERITY_RETURN,
            message=name,
        )
        unknown = result_pb2.Finding(
            rule_id="GATE-01",
            outcome=result_pb2.OUTCOME_INDETERMINATE,
            missing=[result_pb2.MissingFact(name="goal.goal_text", reason="NOT_SENT")],
        )
        return review_pb.ReviewResponse(
            request_id=request.context.request_id,
            decision=result_pb2.DECISION_RETURN,
            findings=[finding, unknown],
            tally=result_pb2.Tally(passed=3, failed=1, indeterminate=1),
            stamp=result_pb2.Stamp(bundle="base", version="1", hash="f" * 64, region_chain=["全国", "湖南"]),
            digest="d" * 64,
        )

    async def assess_async(self, request: monitoring_pb.AssessRequest) -> monitoring_pb.AssessResponse:
        return monitoring_pb.AssessResponse(
            request_id=request.context.request_id,
            level=result_pb2.SEVERITY_RED,
            stamp=result_pb2.Stamp(region_chain=["全国"]),
        )


class FakeBackend:
    def __init__(self) -> None:
        self.rules: FakeReviewer | None = FakeReviewer()

    def reviewer(self) -> FakeReviewer | None:
        return self.rules


@dataclass
class Running:
    """A running service and what a test looks at."""

    app: App
    backend: FakeBackend
    settings: Settings
    metrics: Metrics
    stream: io.BytesIO
    channel: aio.Channel
    port: int

    @property
    def fake(self) -> FakeReviewer:
        assert self.backend.rules is not None
        return self.backend.rules

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def reviews(self) -> Any:
        return review_service_pb2_grpc.ReviewServiceStub(self.channel)

    @property
    def monitoring(self) -> Any:
        return monitoring_service_pb2_grpc.MonitoringServiceStub(self.channel)

    def raw(self, method: str) -> Any:
        """Call a method with bytes of the test's own."""
        return self.channel.unary_unary(f"/budget.rules.v1.{method}")


Start = Callable[..., Any]


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Start]:
    """Start a service over the fake, with the settings given; healthy unless told otherwise."""
    started: list[Running] = []

    async def begin(*, healthy: bool = True, **options: Any) -> Running:
        settings = Settings(port=0, **options)
        stream = io.BytesIO()
        backend, metrics = FakeBackend(), make_metrics()
        app = App(backend, settings, metrics, LineLog(stream, settings.log_level))
        port = await app.start()
        await app.serving(healthy)
        big = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        channel = aio.insecure_channel(f"127.0.0.1:{port}", options=big)
        running = Running(app, backend, settings, metrics, stream, channel, port)
        started.append(running)
        return running

    yield begin
    for running in started:
        await running.channel.close()
        await running.app.drain(None)


@pytest_asyncio.fixture
async def service(start: Start) -> Running:
    """A service with the default settings."""
    return await start()
