"""One worker process from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from rules_service.engine.conclude import DecisionFact, DecisionSet, Fired
from rules_service.inference.channel import Channel, WorkerGoneError
from rules_service.inference.manners import child_environment
from rules_service.inference.wire import HELLO, WireError, facts_to_wire, fired_from_wire, set_to_wire

__all__ = ["Life", "Wear"]

LOAD_DEADLINE_S = 2.0  # for creating the rulesets of a decision set, once in a worker's life
_GOODBYE_S = 1.0


@dataclass(frozen=True, slots=True)
class Wear:
    """When a worker is replaced, lest what the library leaks or spoils add up."""

    questions: int = 200_000
    loads: int = 1_000
    sets: int = 32  # that stay loaded at a time; the one not asked for longest is dropped


class Life:
    """A worker process and what it has been told. Not thread-safe."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel) -> None:
        self._process, self._channel = process, channel
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._last_id = 0
        self._loads = 0
        self.answered = 0

    @classmethod
    def start(cls, arguments: Sequence[str], deadline_s: float) -> Life:
        """Start a worker and wait until it says hello; raises ``WorkerGoneError`` if it does not."""
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "rules_service.inference.worker",
                "--parent",
                str(os.getpid()),
                *arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=child_environment(),
            cwd="/",
        )
        life = cls(process, Channel(*(_pipe(each).fileno() for each in (process.stdout, process.stdin))))
        try:
            life._greet(time.monotonic() + deadline_s)
        except WorkerGoneError:
            life.kill()
            life.bury()
            raise
        return life

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def ask(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...], until: float) -> tuple[Fired, ...]:
        """The worker's conclusions; raises ``WorkerGoneError``."""
        if decisions.hash in self._loaded:
            self._loaded.move_to_end(decisions.hash)
        else:
            load_until = max(until, time.monotonic() + LOAD_DEADLINE_S)
            self._exchange(load_until, do="load", hash=decisions.hash, rules=set_to_wire(decisions))
            self._loaded[decisions.hash] = None
            self._loads += 1
            until = load_until
        reply = self._exchange(until, do="ask", hash=decisions.hash, facts=facts_to_wire(facts))
        try:
            fired = fired_from_wire(decisions, facts, reply.get("fired"))
        except WireError as error:
            raise WorkerGoneError("garbage", str(error)) from error
        self.answered += 1
        return fired

    def worn(self, wear: Wear) -> bool:
        """Drop sets beyond those that may stay loaded, and say whether it is time for another worker."""
        while len(self._loaded) > wear.sets:
            dropped, _ = self._loaded.popitem(last=False)
            self._exchange(time.monotonic() + LOAD_DEADLINE_S, do="drop", hash=dropped)
        return self.answered >= wear.questions or self._loads >= wear.loads

    def ended(self) -> bool:
        """Whether the process has ended by itself."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End the process at once, stopped or not."""
        self._process.kill()

    def bury(self) -> None:
        """Close the pipes and collect the killed process."""
        self.abandon()
        self._process.wait()

    def retire(self) -> None:
        """Let the process end by itself, or kill it."""
        self.abandon()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Close this process's ends of the pipes."""
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _pipe(stream).close()

    def _greet(self, until: float) -> None:
        if self._channel.receive(until) != HELLO:
            raise WorkerGoneError("garbage", "no hello")

    def _exchange(self, until: float, **request: Any) -> dict[str, Any]:
        self._last_id += 1
        return self._channel.exchange({"id": self._last_id, **request}, until)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
