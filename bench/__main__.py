"""`python -m bench`: measure everything, write `build/bench.json`, print the table.

``BENCH_QUICK=1`` measures less.  Nothing here fails for being slow; wrong answers do fail.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from bench import engines, inprocess, service
from bench.pool import make_pool
from bench.report import assemble, machine, table
from rules_service.api import Rules
from rules_service.registry.registry import BUNDLE_SUFFIX
from rules_service.server.places import default_rulesets

__all__ = ["Scope", "main", "run"]

_LONGEST_S: Final = 300
_RESULT: Final = Path("build") / "bench.json"


class Scope(NamedTuple):
    """How much is measured: different requests, how many of them in the process too, rounds, records."""

    requests: int
    in_process: int
    plan: service.Plan
    rounds: int
    seconds: float
    records: int


FULL: Final = Scope(600, 200, service.Plan(7, 2.0, 5, 8.0), 9, 25.0, 300)
QUICK: Final = Scope(500, 100, service.Plan(3, 1.0, 2, 4.0), 3, 8.0, 100)


def run(scope: Scope, result: Path) -> str:
    """Measure, write the report to ``result``, and return the table."""
    rulesets = default_rulesets()
    if rulesets is None:
        raise RuntimeError("there is no folder of rulesets")
    host = machine()
    with tempfile.TemporaryDirectory() as folder, Rules.load(rulesets) as rules:
        bundle = rules.snapshot().bundles[0]
        # The service gets the bundle itself: rulesets may be edited while this runs.
        (Path(folder) / f"bench{BUNDLE_SUFFIX}").write_bytes(bundle.dump())
        pool = make_pool(rules, scope.requests)
        in_process = inprocess.measure(rules, pool[: scope.in_process], scope.rounds, scope.seconds)
        served = service.measure(Path(folder), pool, scope.plan)
    compared = engines.compare(scope.records, 3 * scope.rounds)
    report = assemble(machine=host, service=served, in_process=in_process, engines=compared)
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return table(report)


def _too_long(number: int, frame: object) -> None:  # noqa: ARG001 - signal's signature
    raise TimeoutError(f"the benchmark did not end within {_LONGEST_S} s")


def main() -> None:
    """Run in the project's folder."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(_LONGEST_S)
    scope = QUICK if os.environ.get("BENCH_QUICK", "0") not in {"", "0"} else FULL
    sys.stdout.write(run(scope, _RESULT))
    sys.stdout.write(f"\nwritten to {_RESULT}\n")


if __name__ == "__main__":
    main()
