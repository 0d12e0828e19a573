"""One piece of long work of the policy desk, for which a service starts this as a process of its own.

The request comes in on the standard input, with the contents themselves instead of names of versions; the
answer goes to the standard output. It runs below others, ends with its parent, and within its memory.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from rules_service.inference.manners import settle
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.server.desk_bench import DONE, OUT_OF_MEMORY, REFUSED
from rules_service.server.desk_simulation import simulate
from rules_service.server.desk_work import Manner, compare, validate
from rules_service.server.refusals import Refusal

__all__ = ["main"]

_NICE: Final = 10
_MOST_VIOLATIONS: Final = 200

_JOBS: Final[Mapping[str, tuple[Any, Callable[[Any, Manner], Any]]]] = {
    "ValidateRequest": (pb.ValidateRequest, validate),
    "DiffRequest": (pb.DiffRequest, compare),
    "SimulateRequest": (pb.SimulateRequest, simulate),
}


def main(arguments: list[str]) -> int:
    """Do it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="rules_service.server.desk_job")
    parser.add_argument("job", choices=sorted(_JOBS))
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--language", choices=["zh", "en"], required=True)
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    options = parser.parse_args(arguments)
    settle(options.parent, options.memory)
    os.nice(_NICE)
    kind, work = _JOBS[options.job]
    try:
        request = kind.FromString(sys.stdin.buffer.read())
        answer = work(request, Manner(options.language, options.workers))
        output = DONE + answer.SerializeToString()
    except Refusal as refusal:
        violations = [list(each) for each in refusal.violations[:_MOST_VIOLATIONS]]
        told = {"reason": refusal.reason, "violations": violations}
        output = REFUSED + orjson.dumps(told)
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
