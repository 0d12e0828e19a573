"""Faults that a test can order from a worker: it lies, hangs, dies or babbles at a question of choice.

``--test-fault MODE@N`` (N counts questions from 1) spoils every question from the N-th on as MODE says:

* wrong: the first fired rule is left out, or one is made up;
* die, hang: the process kills itself, or falls silent;
* garbage: bytes that are no frame; text: a frame without JSON; half: the start of an answer, then silence;
* other-id: an answer to another question; twice: an answer, and one that nobody asked for;
* unknown: a rule that the set does not have; failed: the worker reports a failure;
* start: it ends before it is up (N does not matter); mute: it starts but says nothing;
* chatter: no fault, but something in the process prints to standard output.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import orjson

from rules_service.inference.wire import PREFIX, frame

if TYPE_CHECKING:
    from rules_service.inference.worker import Port

__all__ = ["FaultyPort"]


class FaultyPort:
    """A port between the worker and its pipes that spoils answers."""

    def __init__(self, port: Port, fault: str) -> None:
        self._port = port
        self._mode, _, count = fault.partition("@")
        self._good = int(count or 1) - 1
        self._asked = False

    def read(self) -> dict[str, Any] | None:
        """The next request, as it came."""
        request = self._port.read()
        self._asked = request is not None and request["do"] == "ask"
        return request

    def write(self, data: bytes) -> None:
        """An answer, spoilt if it is time."""
        if self._mode == "start":
            sys.exit(3)
        if self._mode == "mute":
            _sleep()
        if self._asked and self._good > 0:
            self._good -= 1
        elif self._asked:
            data = self._spoil(data)
        self._port.write(data)

    def _spoil(self, data: bytes) -> bytes:
        reply = orjson.loads(data[PREFIX:])
        match self._mode:
            case "chatter":
                os.write(1, b"hello from a library\n")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                _sleep()
            case "half":
                self._port.write(data[: len(data) // 2])
                _sleep()
            case "garbage":
                return b"\xff" * 64
            case "text":
                return len(b"no json").to_bytes(PREFIX, "big") + b"no json"
            case "other-id":
                return frame(reply | {"id": reply["id"] - 1})
            case "twice":
                return data + data
            case "unknown":
                return frame(reply | {"fired": [[10_000, []]]})
            case "failed":
                return frame({"id": reply["id"], "failed": "as ordered"})
            case "wrong":
                return frame(reply | {"fired": reply["fired"][1:] or [[0, []]]})
        return data


def _sleep() -> None:
    while True:
        time.sleep(60)
