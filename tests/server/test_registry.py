"""The service over a registry: versions come, a tampered one changes nothing, and it starts without it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from grpc import aio
from sqlalchemy import text

from tests.registry.desk import Clock, Log, address_of  # isort: skip
from tests.registry.following import Publisher  # isort: skip

from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2_grpc
from rules_service.registry.event import Kind
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

ROOT = Path(__file__).parents[2]
TIMEOUT = 60  # never reached unless something hangs


@dataclass
class Service:
    """A service process: its log, line by line, and its answers."""

    process: asyncio.subprocess.Process
    port: int = 0
    metrics_port: int = 0
    channel: Any = None

    async def line(self, event: str) -> dict[str, Any]:
        """The next line of the log with this event."""
        assert self.process.stderr is not None
        async with asyncio.timeout(TIMEOUT):
            while True:
                raw = await self.process.stderr.readline()
                assert raw, f"the service ended before it logged {event}"
                found: dict[str, Any] = json.loads(raw)
                if found["event"] == event:
                    return found

    async def answer(self) -> str:
        """The version that answers without a pin."""
        request = review_pb.ReviewRequest()
        request.project.region_code, request.project.fiscal_year = "市乙", 2022
        stub = review_service_pb2_grpc.ReviewServiceStub(self.channel)
        version: str = (await stub.Review(request, timeout=TIMEOUT)).stamp.version
        return version

    async def metric(self, name: str) -> float:
        """A metric by its name, labels included."""
        page = await asyncio.to_thread(
            lambda: urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=TIMEOUT).read().decode()
        )
        values = [line.rpartition(" ")[2] for line in page.splitlines() if line.startswith(f"{name} ")]
        return float(values[0])


@contextlib.asynccontextmanager
async def serving(**environment: object) -> AsyncIterator[Service]:
    command = [sys.executable, "-m", "rules_service.cli", "serve", "--port", "0", "--metrics-port", "0"]
    settings = {f"RULES_{name.upper()}": str(value) for name, value in environment.items()}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"RULES_REGISTRY_POLL_S": "0.02", "RULES_RELOAD_S": "0.1"} | settings,
    )
    service = Service(process)
    try:
        started = await service.line("started")
        service.port, service.metrics_port = started["port"], started["metrics_port"]
        async with aio.insecure_channel(f"127.0.0.1:{service.port}") as service.channel:
            yield service
        process.terminate()
        assert await asyncio.wait_for(process.wait(), TIMEOUT) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_versions_come_bad_ones_do_not_and_the_last_good_one_stays(tmp_path: Path, kind: str) -> None:
    key = SigningKey.new()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "desk.pem").write_bytes(key.public_pem())
    environment = {"trusted_keys": tmp_path / "keys", "state": tmp_path / "state", "replica": "甲机-1"}
    log = Log(key=key, clock=Clock(datetime.now(UTC)))
    with address_of(kind, tmp_path) as address, Store(address, create=True) as store:
        publisher = Publisher(store, log)
        url = address._url.render_as_string(hide_password=False)
        async with serving(registry=url, **environment) as service:
            publisher.publish("1")
            assert (await service.line("bundle_live"))["version"] == "1"
            await service.line("serving")
            assert await service.answer() == "1"
            assert await service.metric("rules_registry_up") == 1

            publisher.publish("2")
            assert (await service.line("bundle_live"))["version"] == "2"
            assert await service.answer() == "2"
            publisher.add(Kind.ROLLBACK, "1")
            assert (await service.line("bundle_live"))["version"] == "1"

            digest = publisher.put("3")
            with store._engine.begin() as connection:
                altered = store.content(publisher.hashes["2"])
                values = {"altered": altered, "digest": digest}
                connection.execute(
                    text("UPDATE contents SET archive = :altered WHERE hash = :digest"), values
                )
            count = len(log.events)
            log.published(digest, label="3")
            publisher.send(count)
            refused = await service.line("bundle_refused")
            assert refused["diagnostics"] == [f"{digest}:1 CONTENT-ALTERED"]
            assert await service.metric('rules_registry_refusals_total{code="CONTENT-ALTERED"}') == 1
            assert await service.answer() == "1"

            publisher.add(Kind.ACTIVATE, "2", key=SigningKey.new())
            assert (await service.line("registry_refused"))["code"] == "EVENT-KEY-UNKNOWN"
            assert await service.answer() == "1"
            (replica,) = store.replicas()
            assert replica.live["tiny"][0] == publisher.hashes["1"]
        assert store.replicas() == []
        away = tmp_path / "nowhere.sqlite"
        async with serving(registry=away, **environment) as service:
            assert (await service.line("registry_away"))["age"] >= 0
            await service.line("serving")
            assert await service.answer() == "1"
            assert await service.metric("rules_registry_up") == 0
            assert await service.metric("rules_registry_age_seconds") > 0
