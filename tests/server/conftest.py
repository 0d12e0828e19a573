"""A service in the test's own process, over a fake, on a port of its own."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from grpc import aio

from tests.server.fakes import FakeBackend, FakeReviewer  # isort: skip

from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import (
    monitoring_service_pb2_grpc,
    review_service_pb2_grpc,
    ruleset_service_pb2_grpc,
)
from rules_service.server.account import make_metrics
from rules_service.server.app import App
from rules_service.server.desk_office import Office
from rules_service.server.following import follows
from rules_service.server.settings import Settings


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
    office: Office | None

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
    def rulesets(self) -> Any:
        return ruleset_service_pb2_grpc.RulesetServiceStub(self.channel)

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

    async def begin(*, healthy: bool = True, rules: Any = None, **options: Any) -> Running:
        settings = Settings(port=0, **options)
        stream = io.BytesIO()
        backend, metrics = FakeBackend(rules), make_metrics()
        office = Office(settings) if follows(settings) else None
        app = App(backend, settings, metrics, LineLog(stream, settings.log_level), office)
        port = await app.start()
        await app.serving(healthy)
        big = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        channel = aio.insecure_channel(f"127.0.0.1:{port}", options=big)
        running = Running(app, backend, settings, metrics, stream, channel, port, office)
        started.append(running)
        return running

    yield begin
    for running in started:
        await running.channel.close()
        await running.app.drain(None)
        if running.office is not None:
            running.office.close()


@pytest_asyncio.fixture
async def service(start: Start) -> Running:
    """A service with the default settings."""
    return await start()
