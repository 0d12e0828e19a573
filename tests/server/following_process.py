"""A service process that follows a registry, as tests see it: its log, its answers, its metrics."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from google.protobuf import json_format
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rules_service.pb.budget.rules.v1 import monitoring_service_pb2_grpc
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest

ROOT = Path(__file__).parents[2]
TIMEOUT = 60  # never reached unless something hangs


def behind_schedule() -> AssessRequest:
    """A report whose answer names the line of alert."""
    sections = ["SECTION_REPORT", "SECTION_BUDGET_CHANGES", "SECTION_ALLOCATIONS"]
    document = {
        "context": {"evaluated_on": "2022-07-15", "provided": sections},
        "project": {"region_code": "市乙", "fiscal_year": 2022},
        "report": {"as_of": "2022-06-30", "original_budget_fen": "100000000", "spent_fen": "1000000"},
    }
    return json_format.ParseDict(document, AssessRequest())


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
        stub = monitoring_service_pb2_grpc.MonitoringServiceStub(self.channel)
        answer = await stub.Assess(behind_schedule(), timeout=TIMEOUT, wait_for_ready=True)
        version: str = answer.stamp.version
        return version

    async def until_live(self, version: str) -> None:
        """Wait until the service is healthy, and ask until a version answers."""
        async with asyncio.timeout(TIMEOUT):
            async for health in health_pb2_grpc.HealthStub(self.channel).Watch(
                health_pb2.HealthCheckRequest()
            ):
                if health.status == health_pb2.HealthCheckResponse.SERVING:
                    break
            while await self.answer() != version:  # noqa: ASYNC110 - only asking tells
                await asyncio.sleep(0.005)

    async def metric(self, name: str) -> float:
        """A metric by its name, labels included."""
        page = await asyncio.to_thread(
            lambda: urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=TIMEOUT).read().decode()
        )
        values = [line.rpartition(" ")[2] for line in page.splitlines() if line.startswith(f"{name} ")]
        return float(values[0])


async def _port(path: Path) -> int:
    async with asyncio.timeout(TIMEOUT):
        while not path.exists():  # noqa: ASYNC110, ASYNC240 - another process makes the file: nothing else to await
            await asyncio.sleep(0.01)
    return int(await asyncio.to_thread(path.read_text))


@contextlib.asynccontextmanager
async def serving(port_file: Path | None = None, **environment: object) -> AsyncIterator[Service]:
    """A running service; with a ``port_file`` it is a quiet one, whose log nobody reads."""
    if port_file is not None:
        environment |= {"port_file": port_file, "log_level": "warning"}
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
        if port_file is None:
            started = await service.line("started")
            service.port, service.metrics_port = started["port"], started["metrics_port"]
        else:
            service.port = await _port(port_file)
        async with aio.insecure_channel(f"127.0.0.1:{service.port}") as service.channel:
            yield service
        process.terminate()
        assert await asyncio.wait_for(process.wait(), TIMEOUT) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
