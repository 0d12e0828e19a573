"""The service follows a directory of bundles: unhealthy without one, healthy with a good one, never worse."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2_grpc
from rules_service.server.files import write_at_once

ROOT = Path(__file__).parents[2]
TIMEOUT = 60  # never reached unless something hangs
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def line(process: asyncio.subprocess.Process, event: str) -> dict:
    """The next line of the log with this event."""
    assert process.stderr is not None
    async with asyncio.timeout(TIMEOUT):
        while True:
            found = json.loads(await process.stderr.readline())
            if found["event"] == event:
                return found


async def test_bundles_come_and_a_bad_one_changes_nothing(tmp_path):
    bundle = compile_bundle(read_ruleset(ROOT / "rulesets"))
    command = [sys.executable, "-m", "rules_service.cli", "serve", "--port", "0", "--bundles", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stderr=asyncio.subprocess.PIPE, env=os.environ | {"RULES_RELOAD_S": "0.05"}
    )
    try:
        started = await line(process, "started")
        async with aio.insecure_channel(f"127.0.0.1:{started['port']}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            review = review_service_pb2_grpc.ReviewServiceStub(channel).Review
            watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
            assert (await watch.read()).status == NOT_SERVING

            await asyncio.to_thread(write_at_once, tmp_path / "good.bundle", bundle.dump())
            assert (await watch.read()).status == SERVING
            watch.cancel()
            assert (await line(process, "bundle_live"))["hash"] == bundle.hash
            request = review_pb.ReviewRequest()
            request.project.region_code, request.project.fiscal_year = "全国", 2026
            before = await review(request, timeout=TIMEOUT)
            assert before.stamp.hash == bundle.hash

            await asyncio.to_thread(write_at_once, tmp_path / "bad.bundle", bundle.dump()[:-100])
            refused = await line(process, "bundle_refused")
            assert refused["source"].endswith("bad.bundle")
            assert (await health.Check(health_pb2.HealthCheckRequest())).status == SERVING
            assert (await review(request, timeout=TIMEOUT)).digest == before.digest
        process.terminate()
        assert await asyncio.wait_for(process.wait(), TIMEOUT) == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
