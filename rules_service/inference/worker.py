"""The worker process: answers questions over its pipes with durable-rules, one after the other.

Started by the supervisor as ``python -m rules_service.inference.worker --parent PID``. It ends when its
parent does, when its input ends, when an answer takes far too long, and after any failure.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
from typing import Any, Protocol

import orjson

from rules_service.inference.durable import DurableRules
from rules_service.inference.manners import settle
from rules_service.inference.wire import (
    HELLO,
    MAX_FRAME,
    PREFIX,
    WireError,
    facts_from_wire,
    frame,
    set_from_wire,
)

__all__ = ["Port", "answer", "main"]

_LOOK_FOR_PARENT_MS = 1000
_LONGEST_ANSWER_S = 10.0  # the supervisor gives up long before; this ends a worker that lost its supervisor
_MEMORY = 2 << 30


class Port(Protocol):
    """Where questions come from and answers go."""

    def read(self) -> dict[str, Any] | None:
        """The next request, or ``None`` at the end."""
        ...

    def write(self, data: bytes) -> None:
        """Write all of ``data``."""
        ...


class _Pipes:
    """The process's own input and output, taken away from everything else that might use them."""

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._input, self._output = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # what anything prints must not land among the answers
        os.close(nothing)
        self._poll = select.poll()
        self._poll.register(self._input, select.POLLIN)

    def read(self) -> dict[str, Any] | None:
        prefix = self._exactly(PREFIX)
        if prefix is None:
            return None
        length = int.from_bytes(prefix, "big")
        if length > MAX_FRAME:
            raise WireError("impossible length")
        body = self._exactly(length)
        return None if body is None else orjson.loads(body)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._output, rest) :]

    def _exactly(self, size: int) -> bytes | None:
        received = bytearray()
        while len(received) < size:
            while not self._poll.poll(_LOOK_FOR_PARENT_MS):
                # a sibling process may hold our input open, so its end alone does not tell
                if os.getppid() != self._parent:
                    return None
            chunk = os.read(self._input, size - len(received))
            if not chunk:
                return None
            received += chunk
        return bytes(received)


def answer(rules: DurableRules, request: dict[str, Any]) -> dict[str, Any]:
    """Do what one request asks."""
    number, hash_ = request["id"], request["hash"]
    match request["do"]:
        case "ask":
            return {"id": number, "fired": rules.conclude(hash_, facts_from_wire(request["facts"]))}
        case "load":
            rules.load(set_from_wire(hash_, request["rules"]))
            return {"id": number, "loaded": hash_}
        case "drop":
            rules.drop(hash_)
            return {"id": number, "dropped": hash_}
        case other:
            raise WireError(f"unknown request {other!r}")


def _serve(port: Port) -> int:
    rules = DurableRules()
    port.write(frame(HELLO))
    while (request := port.read()) is not None:
        # the default action of SIGALRM ends the process even inside C code that never returns
        signal.setitimer(signal.ITIMER_REAL, _LONGEST_ANSWER_S)
        try:
            reply = frame(answer(rules, request))
        except Exception as error:  # noqa: BLE001 - whatever it is, the state of the library is unknown now
            port.write(frame({"id": request.get("id"), "failed": f"{type(error).__name__}: {error}"}))
            return 1
        port.write(reply)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return 0


def main(arguments: list[str]) -> int:
    """Serve until the input ends; returns the exit code."""
    parser = argparse.ArgumentParser(prog="rules_service.inference.worker")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--test-fault", default="")
    options = parser.parse_args(arguments)
    settle(options.parent, _MEMORY)
    port: Port = _Pipes(options.parent)
    if options.test_fault:
        from rules_service.inference.faults import FaultyPort  # noqa: PLC0415 - only tests ask for faults

        port = FaultyPort(port, options.test_fault)
    try:
        return _serve(port)
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
