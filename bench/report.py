"""The report of a run: headline figures, details, and the table for people."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from time import perf_counter
from typing import Any, Final

from rules_service import __version__

__all__ = ["AIMS", "assemble", "machine", "table"]

AIMS: Final = {
    "review_vs_empty": ("at least", 0.7),
    "p99_ms_at_80": ("at most", 10),
    "review_us": ("at most", 75),
}
"""What the headline figures aim at; nothing fails when one is missed."""

_LOOP: Final = 1_000_000


def machine() -> dict[str, Any]:
    """What tells the figures of one run from those of another machine, or of a busier hour."""
    started = perf_counter()
    for _ in range(_LOOP):
        pass
    return {
        "processors": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "empty_loop_ns": (perf_counter() - started) * 1e9 / _LOOP,
    }


def assemble(
    *, machine: Any, service: dict[str, Any], in_process: dict[str, Any], engines: dict[str, Any]
) -> dict[str, Any]:
    """The content of ``build/bench.json``: headline figures first, then everything they come from."""
    speedup = engines["speedup"]
    return {
        "review_vs_empty": min(one["review_vs_empty"] for one in service["throughput"].values()),
        "p99_ms_at_80": service["latency"]["p99_ms"],
        "review_us": in_process["faulty"]["bytes_to_bytes_us"],
        "review_message_us": in_process["faulty"]["message_to_message_us"],
        "review_clean_us": in_process["clean"]["bytes_to_bytes_us"],
        "review_new_texts_us": in_process["new_texts_us"],
        "speedup_vs_zen": speedup["zen"],
        "speedup_vs_cel": speedup["cel"],
        "speedup_vs_durable": speedup["durable"],
        "version": __version__,
        "machine": machine,
        "service": service,
        "in_process": in_process,
        "engines": engines,
    }


def table(report: dict[str, Any]) -> str:
    """The report for a terminal of 100 columns."""
    parts = (_head, _service, _in_process, _engines)
    return "".join(f"{line}\n" for part in parts for line in part(report))


def _head(report: dict[str, Any]) -> Iterator[str]:
    host = report["machine"]
    yield (
        f"{host['processors']} processors, load {host['load_average']:.1f}, Python {host['python']}, "
        f"empty loop {host['empty_loop_ns']:.0f} ns"
    )
    yield ""
    for name, (word, aim) in AIMS.items():
        yield f"  {name:<24}{report[name]:>12.3f}   aim: {word} {aim}"
    for name in ("speedup_vs_zen", "speedup_vs_cel", "speedup_vs_durable"):
        yield f"  {name:<24}{report[name]:>12.1f}"


def _service(report: dict[str, Any]) -> Iterator[str]:
    service, latency = report["service"], report["service"]["latency"]
    yield ""
    yield (
        f"Review through gRPC: {service['requests']} requests of {service['request_bytes']} bytes, "
        f"answers of {service['answer_bytes']} bytes,"
    )
    yield (
        f"{service['findings']['least']} findings at least, {service['findings']['mean']:.1f} in the mean; "
        f"{service['answers_compared']} answers compared"
    )
    columns = ("calls/s", "empty/s", "ratio", "server µs", "empty µs", "ratio", "client µs")
    yield f"  {'channels':<10}" + "".join(f"{name:>12}" for name in columns)
    for channels, one in service["throughput"].items():
        values = (
            f"{one['review_per_s']:.0f}",
            f"{one['empty_per_s']:.0f}",
            f"{one['review_vs_empty']:.3f}",
            f"{one['review_server_cpu_us']:.0f}",
            f"{one['empty_server_cpu_us']:.0f}",
            f"{one['review_vs_empty_server_cpu']:.3f}",
            f"{one['client_cpu_us']:.0f}",
        )
        yield f"  {channels:<10}" + "".join(f"{value:>12}" for value in values)
    yield (
        f"  at {latency['rate_per_s']:.0f} calls/s (80 %): p50 {latency['p50_ms']:.2f} ms, "
        f"p90 {latency['p90_ms']:.2f} ms, p99 {latency['p99_ms']:.2f} ms, most {latency['max_ms']:.1f} ms"
    )
    yield (
        f"  (the generator itself began calls late by {latency['generator_late_p99_ms']:.2f} ms at p99, "
        "which is part of these)"
    )


def _in_process(report: dict[str, Any]) -> Iterator[str]:
    parts = report["in_process"]
    yield ""
    yield "Review in the process, µs"
    yield f"  {'':<28}{'faulty':>12}{'clean':>12}"
    rows = {
        "findings": "findings",
        "condition evaluations": "condition_evaluations",
        "bytes of answer": "answer_bytes",
        "bytes to bytes": "bytes_to_bytes_us",
        "message to message": "message_to_message_us",
    }
    for title, key in rows.items():
        yield f"  {title:<28}{parts['faulty'][key]:>12.1f}{parts['clean'][key]:>12.1f}"
    yield f"  {'bytes to bytes, new texts':<28}{parts['new_texts_us']:>12.1f}"
    for stage, value in parts["faulty"]["stages_us"].items():
        yield f"    {stage:<26}{value:>12.1f}{parts['clean']['stages_us'][stage]:>12.1f}"


def _engines(report: dict[str, Any]) -> Iterator[str]:
    engines = report["engines"]
    times = engines["us_per_condition"]
    yield ""
    yield f"{engines['conditions']} conditions on {engines['records']} records, equal answers, µs a condition"
    yield f"  {'':<16}{'all at once':>14}{'one by one':>14}{'ours faster':>14}"
    yield f"  {'ours':<16}{times['ours']:>14.3f}"
    for name in ("zen", "cel"):
        together, alone = times[f"{name}_together"], times[f"{name}_alone"]
        yield f"  {name:<16}{together:>14.3f}{alone:>14.3f}{engines['speedup'][name]:>13.1f}×"
    yield f"  {'durable-rules':<16}{times['durable']:>14.3f}{'':>14}{engines['speedup']['durable']:>13.1f}×"
