"""The service against an empty handler: throughput at 1 and 8 channels, and latency below the limit."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.children import Generator, cpu_seconds, empty_server, generator
from bench.pool import Entry, write_requests
from rules_service.cli.child import served

__all__ = ["CHANNELS", "Plan", "measure"]

CHANNELS: Final = (1, 8)
_IN_FLIGHT: Final = 16
_LOAD: Final = 0.8
_SAMPLE: Final = 50
_MANY: Final = 1_000_000


class Plan(NamedTuple):
    """How long to measure: rounds of either server, seconds each, and the same for the latency."""

    rounds: int
    round_s: float
    latency_rounds: int
    latency_s: float


class _Server(NamedTuple):
    name: str
    port: str
    pid: int


def measure(bundles: Path, pool: Sequence[Entry], plan: Plan) -> dict[str, Any]:
    """Throughput by channels, ratios to the empty handler, and latency at 80 % of the throughput.

    ``bundles`` is the folder with the bundle that answered the pool.

    Raises ``RuntimeError`` if a call fails or an answer is not the one of this process.
    """
    size = round(statistics.fmean(entry.answer_bytes for entry in pool))
    with _started(bundles, pool, size) as (load, review, empty):
        bench = _Bench(load, pool)
        bench.run(review, channels=8, count=len(pool), seconds=60.0)  # everything seen once
        bench.run(empty, channels=8, count=len(pool), seconds=60.0)
        throughput = {str(count): _throughput(bench, plan, review, empty, count) for count in CHANNELS}
        rate = _LOAD * throughput["8"]["review_per_s"]
        latency = _latency(bench, plan, review, rate)
        return {
            "answer_bytes": size,
            "request_bytes": round(statistics.fmean(len(entry.request) for entry in pool)),
            "findings": {
                "least": min(entry.findings for entry in pool),
                "mean": statistics.fmean(entry.findings for entry in pool),
            },
            "requests": len(pool),
            "in_flight": _IN_FLIGHT,
            "answers_compared": bench.compared,
            "throughput": throughput,
            "latency": latency,
        }


@contextlib.contextmanager
def _started(bundles: Path, pool: Sequence[Entry], size: int) -> Iterator[tuple[Generator, _Server, _Server]]:
    """The load generator, the service and the empty server, all processes of their own."""
    with contextlib.ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "pool"
        write_requests(file, [entry.request for entry in pool])
        load = stack.enter_context(generator(file))
        service = stack.enter_context(served(["--bundles", str(bundles), "--log-level", "warning"]))
        empty = stack.enter_context(empty_server(size))
        yield load, _Server("review", service.port, service.pid), _Server("empty", *empty)


class _Bench:
    """Orders to the load generator, with every report checked."""

    def __init__(self, load: Generator, pool: Sequence[Entry]) -> None:
        self._load = load
        self._pool = pool
        self._first = 0
        self.compared = 0

    def run(self, server: _Server, **order: Any) -> dict[str, Any]:
        """One order to one server; tells the microseconds of processor a call of server and client too."""
        order = {"in_flight": _IN_FLIGHT} | order if "rate" not in order else order
        cpu = cpu_seconds(server.pid)
        report = self._load.run(port=server.port, first=self._first, sample=_SAMPLE, **order)
        cpu = cpu_seconds(server.pid) - cpu
        answered = report["answered"]
        if report["errors"] or not answered:
            raise RuntimeError(f"calls failed: {report['errors']}")
        # The next order begins elsewhere in the pool, so that short ones don't repeat its beginning.
        self._first = (self._first + answered) % len(self._pool)
        if server.name == "review":
            self._compare(report["samples"])
        report["server_cpu_us"] = cpu * 1e6 / answered
        report["client_cpu_us"] = report["client_cpu_s"] * 1e6 / answered
        report["per_s"] = answered / report["seconds"]
        return report

    def _compare(self, samples: Sequence[dict[str, Any]]) -> None:
        for sample in samples:
            entry = self._pool[sample["place"]]
            got = (sample.get("decision"), sample.get("digest"), sample.get("findings"))
            if got != (entry.decision, entry.digest, entry.findings):
                raise RuntimeError(f"request {sample['place']} was answered otherwise than in this process")
        self.compared += len(samples)


def _throughput(bench: _Bench, plan: Plan, review: _Server, empty: _Server, channels: int) -> dict[str, Any]:
    """Both servers in turns; the ratio is the median of the ratios of neighbouring rounds."""
    pairs = [
        (
            bench.run(empty, channels=channels, count=_MANY, seconds=plan.round_s),
            bench.run(review, channels=channels, count=_MANY, seconds=plan.round_s),
        )
        for _ in range(plan.rounds)
    ]

    def median(pick: Callable[[dict[str, Any], dict[str, Any]], float]) -> float:
        return statistics.median(pick(one, other) for one, other in pairs)

    return {
        "review_vs_empty": median(lambda one, other: other["per_s"] / one["per_s"]),
        "review_vs_empty_rounds": [other["per_s"] / one["per_s"] for one, other in pairs],
        "review_vs_empty_server_cpu": median(
            lambda one, other: one["server_cpu_us"] / other["server_cpu_us"]
        ),
        "review_per_s": median(lambda _, other: other["per_s"]),
        "empty_per_s": median(lambda one, _: one["per_s"]),
        "review_server_cpu_us": median(lambda _, other: other["server_cpu_us"]),
        "empty_server_cpu_us": median(lambda one, _: one["server_cpu_us"]),
        "client_cpu_us": median(lambda one, _: one["client_cpu_us"]),
    }


def _latency(bench: _Bench, plan: Plan, review: _Server, rate: float) -> dict[str, Any]:
    """Latency from the moment a call was due, at a fixed rate over 8 channels; medians of the rounds."""
    rounds = [
        bench.run(review, channels=8, count=_MANY, seconds=plan.latency_s, rate=rate)
        for _ in range(plan.latency_rounds)
    ]
    return {
        "rate_per_s": rate,
        "answered_per_s": statistics.median(one["per_s"] for one in rounds),
        "p99_ms_rounds": [one["latency_ms"]["p99"] for one in rounds],
        "generator_late_p99_ms": statistics.median(one["late_ms"]["p99"] for one in rounds),
        **{
            f"{name}_ms": statistics.median(one["latency_ms"][name] for one in rounds)
            for name in ("p50", "p90", "p99", "max")
        },
    }
