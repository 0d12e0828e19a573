"""`rules-service bench`: the time of a review in the process, and the work of the service for one call."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from grpc import aio
from grpc_health.v1 import (  # type: ignore[import-untyped] # published without types
    health_pb2,
    health_pb2_grpc,
)

from rules_service.cli.child import served
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import load, roots
from rules_service.cli.options import helped, sources, verb
from rules_service.cli.reading import read_documents, to_message
from rules_service.cli.words import Words
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2_grpc
from rules_service.server.places import samples

__all__ = ["command"]

_STREAMS = 16
_TICK = os.sysconf("SC_CLK_TCK")


@verb("bench")
@click.option("--count", type=click.IntRange(1), default=50, show_default=True, help=helped("help.count"))
@sources
def command(words: Words, count: int, rulesets: tuple[Path, ...], bundles: Path | None) -> Exit:
    """Measure with the sample reviews."""
    folder = samples()
    if folder is None:
        raise Problem(Exit.INVALID, "demo.none")
    requests = [
        to_message(review_pb.ReviewRequest, item)
        for path in sorted((folder / "review").glob("*.json"))
        for item in read_documents(str(path))
    ]
    click.echo(words("bench.head", count=len(requests), rounds=count))
    _engine(requests, count, rulesets, bundles, words)
    named = () if bundles is not None and not rulesets else roots(rulesets)
    options = [part for root in named for part in ("--rulesets", str(root))]
    options += ["--bundles", str(bundles)] if bundles is not None else []
    with served(options) as service:
        asyncio.run(_service(service.port, service.pid, requests, count, words))
    return Exit.OK


def _engine(
    requests: Sequence[Any], count: int, rulesets: Sequence[Path], bundles: Path | None, words: Words
) -> None:
    with load(rulesets, bundles, words) as rules:
        for request in requests:
            rules.review(request)
        times = []
        for _ in range(count):
            for request in requests:
                started = perf_counter()
                rules.review(request)
                times.append((perf_counter() - started) * 1e6)
    mean = statistics.fmean(times)
    ordered = sorted(times)
    p99 = ordered[len(ordered) * 99 // 100]
    median = statistics.median(times)
    values = {"mean": round(mean), "median": round(median), "p99": round(p99), "rate": round(1e6 / mean)}
    click.echo(words("bench.engine", **values))


async def _service(port: str, pid: int, requests: Sequence[Any], count: int, words: Words) -> None:
    async with aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        review = review_service_pb2_grpc.ReviewServiceStub(channel).Review
        check = health_pb2_grpc.HealthStub(channel).Check
        calls = [partial(review, request) for request in requests]
        empty = [partial(check, health_pb2.HealthCheckRequest())] * len(requests)
        await _rate(calls, 1, pid)
        rate, cpu = await _rate(empty, count, pid)
        click.echo(words("bench.empty", rate=round(rate), cpu=round(cpu)))
        rate, cpu = await _rate(calls, count, pid)
        click.echo(words("bench.service", streams=_STREAMS, rate=round(rate), cpu=round(cpu)))


async def _rate(calls: Sequence[Callable[[], Awaitable[Any]]], count: int, pid: int) -> tuple[float, float]:
    """Calls a second, and microseconds of the service's processor a call."""
    work = iter([call for _ in range(count) for call in calls])

    async def stream() -> None:
        for call in work:
            await call()

    started, cpu = perf_counter(), _cpu(pid)
    await asyncio.gather(*(stream() for _ in range(_STREAMS)))
    total = len(calls) * count
    return total / (perf_counter() - started), (_cpu(pid) - cpu) * 1e6 / total


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
