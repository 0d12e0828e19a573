"""`python -m bench.loading [--rules N]`: time and memory of loading, with the shipped rules and with N more.

Each measurement is a process of its own, so that nothing is warm and memory is that of one ruleset.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from bench.applications import application
from bench.many_rules import write_ruleset
from rules_service.server.places import default_rulesets

__all__ = ["Loading", "main", "measure"]

_MANY: Final = 40_000
_KIB: Final = 1024


class Loading(NamedTuple):
    """What loading costs in seconds of the processor, in all also of the clock; MiB at most; answers in ms.

    An answer's time is the processor's too: what else runs on the machine counts for little.
    """

    rules: int
    reading_s: float
    compiling_s: float
    warming_s: float
    loading_s: float
    clock_s: float
    memory_mib: int
    first_answer_ms: float
    next_answer_ms: float


def measure(folder: Path, region: str) -> Loading:
    """Load a ruleset in this process, and review an application of a region twice."""
    # What is imported counts as little as in a service that has started.
    from rules_service import api  # noqa: PLC0415
    from rules_service.compile.bundle import compile_bundle  # noqa: PLC0415
    from rules_service.compile.sources import read_ruleset  # noqa: PLC0415
    from rules_service.registry.registry import warm_views  # noqa: PLC0415

    clock, spent = time.perf_counter(), [time.process_time()]
    source = read_ruleset(folder)
    spent.append(time.process_time())
    bundle = compile_bundle(source)
    spent.append(time.process_time())
    warm_views(bundle)
    spent.append(time.process_time())
    clock = time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIB
    rules = sum(
        len(layer.checks) + (len(layer.overlay.add) if layer.overlay else 0) for layer in source.layers
    )
    answers = []
    with api.Rules.load(folder, concluder="chainer") as loaded:
        for number in range(2):
            request = application(number, faulty=True)
            request.project.region_code = region
            start = time.process_time()
            loaded.review(request)
            answers.append(1000 * (time.process_time() - start))
    reading, compiling, warming = (after - before for before, after in pairwise(spent))
    return Loading(
        rules, reading, compiling, warming, spent[-1] - spent[0], clock, memory, answers[0], answers[1]
    )


def _in_a_process(folder: Path, region: str) -> Loading:
    command = [sys.executable, "-m", "bench.loading", "--folder", str(folder), "--region", region]
    done = subprocess.run(command, check=True, capture_output=True, env=os.environ)
    return Loading(*orjson.loads(done.stdout))


def main() -> None:
    """Print a row for the shipped rules, and one with many more."""
    parser = argparse.ArgumentParser(prog="python -m bench.loading")
    parser.add_argument("--rules", type=int, default=_MANY)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--region", default="全国", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder is not None:
        sys.stdout.buffer.write(orjson.dumps(tuple(measure(asked.folder, asked.region))))
        return
    shipped = default_rulesets()
    if shipped is None:
        raise RuntimeError("there is no folder of rulesets")
    sys.stdout.write(" | ".join(Loading._fields) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        many = write_ruleset(shipped, Path(folder), asked.rules)
        for root, region in ((shipped, "全国"), (many, "示例地1")):
            row = _in_a_process(root, region)
            sys.stdout.write(" | ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in row) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
