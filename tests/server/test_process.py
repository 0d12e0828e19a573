"""The service as a process: port file, health from outside, draining, signals, exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2_grpc

COMMAND = (sys.executable, "-m", "tests.server.service_process")
ROOT = Path(__file__).parents[2]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
TIMEOUT = 60  # never reached unless something hangs


@dataclass
class Process:
    process: asyncio.subprocess.Process
    folder: Path
    channel: aio.Channel

    async def healthy(self, wanted: int) -> None:
        """Wait until the health status is the one wanted."""
        watch = health_pb2_grpc.HealthStub(self.channel).Watch(
            health_pb2.HealthCheckRequest(), timeout=TIMEOUT
        )
        while (await watch.read()).status != wanted:
            pass
        watch.cancel()

    def review(self, name: str):
        request = review_pb.ReviewRequest()
        request.project.project_name = name
        return review_service_pb2_grpc.ReviewServiceStub(self.channel).Review(request, timeout=TIMEOUT)

    async def slow(self) -> aio.UnaryUnaryCall:
        """A call that is being worked on, and ends when the test says so."""
        call = self.review("slow")
        await appears(self.folder / "began")
        return call

    async def end(self) -> tuple[int, list[dict]]:
        """The exit code and the lines of the log."""
        _, err = await asyncio.wait_for(self.process.communicate(), TIMEOUT)
        return self.process.returncode, [json.loads(line) for line in err.splitlines()]


async def appears(path: Path) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not path.exists():  # noqa: ASYNC110, ASYNC240 - another process makes the file
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(folder: Path, *, rules: bool = True, **environment: str) -> AsyncIterator[Process]:
    if rules:
        (folder / "rules").touch()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, str(folder), cwd=ROOT, stderr=asyncio.subprocess.PIPE, env=os.environ | environment
    )
    try:
        await appears(folder / "port")
        async with aio.insecure_channel(f"127.0.0.1:{(folder / 'port').read_text().strip()}") as channel:
            yield Process(process, folder, channel)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_an_idle_service_in_order(tmp_path, number):
    async with running(tmp_path) as service:
        await service.healthy(SERVING)
        assert (await service.review("good")).findings
        service.process.send_signal(number)
        code, log = await service.end()
    assert code == 0
    assert not (tmp_path / "port").exists()
    assert (tmp_path / "closed").exists()
    assert [line["event"] for line in log] == ["started", "serving", "call", "draining", "drained"]


async def test_a_running_call_is_answered_before_the_end(tmp_path):
    async with running(tmp_path) as service:
        await service.healthy(SERVING)
        call = await service.slow()
        watch = health_pb2_grpc.HealthStub(service.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        service.process.send_signal(signal.SIGTERM)
        assert (await watch.read()).status == NOT_SERVING
        watch.cancel()
        (tmp_path / "release").touch()
        assert (await call).findings
        code, _ = await service.end()
    assert code == 0


async def test_a_call_longer_than_the_grace_is_cut_off_and_told_so(tmp_path):
    async with running(tmp_path, RULES_DRAIN_GRACE_S="0.05") as service:
        await service.healthy(SERVING)
        call = await service.slow()
        service.process.send_signal(signal.SIGTERM)
        with pytest.raises((aio.AioRpcError, asyncio.CancelledError)):
            await call
        code, log = await service.end()
    assert code == 8
    assert log[-1]["cut_off"] == 1


async def test_a_second_signal_ends_at_once(tmp_path):
    async with running(tmp_path, RULES_DRAIN_GRACE_S="3600") as service:
        await service.healthy(SERVING)
        call = await service.slow()
        watch = health_pb2_grpc.HealthStub(service.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        service.process.send_signal(signal.SIGTERM)
        assert (await watch.read()).status == NOT_SERVING
        service.process.send_signal(signal.SIGTERM)
        with pytest.raises((aio.AioRpcError, asyncio.CancelledError)):
            await call
        code, log = await service.end()
    assert code == 8
    assert "stopped_at_once" in [line["event"] for line in log]


async def test_without_rules_it_runs_unhealthy_and_recovers(tmp_path):
    async with running(tmp_path, rules=False) as service:
        await service.healthy(NOT_SERVING)
        with pytest.raises(aio.AioRpcError) as caught:
            await service.review("good")
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        (tmp_path / "rules").touch()
        await service.healthy(SERVING)
        assert (await service.review("good")).findings


async def test_a_port_in_use_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            str(tmp_path),
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"RULES_METRICS_PORT": str(taken.getsockname()[1])},
        )
        _, err = await asyncio.wait_for(process.communicate(), TIMEOUT)
    assert process.returncode == 7
    assert json.loads(err.splitlines()[-1])["event"] == "port_refused"


async def test_the_metrics_page_is_served(tmp_path):
    async with running(tmp_path, RULES_METRICS_PORT="0") as service:
        await service.healthy(SERVING)
        await service.review("good")
        assert service.process.stderr is not None
        started = json.loads(await service.process.stderr.readline())
        url = f"http://127.0.0.1:{started['metrics_port']}/metrics"
        page = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=TIMEOUT).read())
    assert b'rules_requests_total{code="OK",method="Review"} 1.0' in page
