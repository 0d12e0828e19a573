"""The load generator, a process of its own: calls `Review` and measures, one order after another.

``python -m bench.load POOL`` reads orders from standard input and writes reports to standard output, each
a line of JSON; it ends when its standard input ends.  Every order is bounded by a count and a time.

An order: ``port``, ``channels``, ``first`` (place in the pool to begin at), ``count``, ``seconds``,
``sample`` (every so many-th answer is looked at), and either ``in_flight`` (calls at once, the next one
when one is answered) or ``rate`` (calls begun a second, whether or not others are answered).
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import grpc
import orjson
import uvloop
from grpc import aio

from bench.pool import read_requests
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.handlers import REVIEW

__all__ = ["main"]

_CALL_S = 20.0
_CONNECT_S = 30.0

Order = dict[str, Any]


class _Run:
    """One order being carried out."""

    def __init__(self, order: Order, pool: Sequence[bytes], channels: Sequence[aio.Channel]) -> None:
        self._order = order
        self._pool = pool
        self._calls: list[aio.UnaryUnaryMultiCallable[bytes, bytes]] = [
            channel.unary_unary(f"/{REVIEW}/Review") for channel in channels
        ]
        self._taken = 0
        self.latencies: list[float] = []
        self.late: list[float] = []
        self.samples: list[tuple[int, bytes]] = []
        self.errors: dict[str, int] = {}

    async def closed(self) -> None:
        """Always ``in_flight`` calls at once."""
        until = perf_counter() + self._order["seconds"]
        await asyncio.gather(*(self._stream(until) for _ in range(self._order["in_flight"])))

    async def _stream(self, until: float) -> None:
        while self._taken < self._order["count"] and perf_counter() < until:
            number, self._taken = self._taken, self._taken + 1
            await self._one(number, perf_counter())

    async def open(self) -> None:
        """Begin ``rate`` calls a second; a call's time runs from when it was due, even if it began late."""
        rate, start = self._order["rate"], perf_counter() + 0.01
        running = []
        for number in range(min(self._order["count"], int(rate * self._order["seconds"]))):
            due = start + number / rate
            now = perf_counter()
            if now < due:
                await asyncio.sleep(due - now)
            self.late.append(max(0.0, perf_counter() - due))
            running.append(asyncio.ensure_future(self._one(number, due)))
        await asyncio.gather(*running)

    async def _one(self, number: int, since: float) -> None:
        place = (self._order["first"] + number) % len(self._pool)
        call = self._calls[number % len(self._calls)]
        try:
            answer = await call(self._pool[place], timeout=_CALL_S)
        except grpc.RpcError as error:
            code = error.code().name
            self.errors[code] = self.errors.get(code, 0) + 1
            return
        self.latencies.append(perf_counter() - since)
        if number % self._order["sample"] == 0:
            self.samples.append((place, answer))


async def _carry_out(order: Order, pool: Sequence[bytes]) -> dict[str, Any]:
    options = [
        ("grpc.use_local_subchannel_pool", 1),  # a connection for each channel
        ("grpc.max_receive_message_length", -1),
        ("grpc.enable_http_proxy", 0),
    ]
    address = f"127.0.0.1:{order['port']}"
    channels = [aio.insecure_channel(address, options=options) for _ in range(order["channels"])]
    try:
        for channel in channels:
            await asyncio.wait_for(channel.channel_ready(), _CONNECT_S)
        run = _Run(order, pool, channels)
        started, cpu = perf_counter(), process_time()
        await (run.open() if "rate" in order else run.closed())
        seconds, cpu = perf_counter() - started, process_time() - cpu
    finally:
        for channel in channels:
            await channel.close()
    return {
        "answered": len(run.latencies),
        "errors": run.errors,
        "seconds": seconds,
        "client_cpu_s": cpu,
        "latency_ms": _quantiles(run.latencies),
        "late_ms": _quantiles(run.late),
        "samples": [_sample(place, answer) for place, answer in run.samples],
    }


def _sample(place: int, answer: bytes) -> dict[str, Any]:
    """What is compared of an answer; one that is no answer of the service has no digest."""
    if not answer or not answer[0]:
        return {"place": place, "bytes": len(answer)}
    made = review_pb.ReviewResponse.FromString(answer)
    return {
        "place": place,
        "bytes": len(answer),
        "decision": made.decision,
        "digest": made.digest,
        "findings": len(made.findings),
    }


def _quantiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    last = len(ordered) - 1
    found = {f"p{share}": ordered[last * share // 100] * 1000 for share in (50, 90, 99)}
    return {**found, "max": ordered[last] * 1000}


async def _follow(pool: Sequence[bytes]) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        gc.collect()
        report = await _carry_out(orjson.loads(line), pool)
        sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
        sys.stdout.buffer.flush()


def main() -> None:
    """Carry out orders until the end of standard input."""
    pool = read_requests(Path(sys.argv[1]))
    gc.freeze()
    uvloop.run(_follow(pool))


if __name__ == "__main__":
    main()
