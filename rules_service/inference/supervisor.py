"""Keeps one worker process alive and asks it questions with a deadline.

A worker that dies, falls silent or babbles is killed and replaced in the background; meanwhile questions are
refused at once, and the caller has the chainer. durable-rules is never imported here.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress

from rules_service.engine.conclude import DecisionFact, DecisionSet, Fired
from rules_service.inference.channel import WorkerGoneError
from rules_service.inference.hooks import Hooks, NoHooks
from rules_service.inference.life import Life, Wear

__all__ = ["Supervisor"]

DEADLINE_S = 0.25  # engineering default for one question

_STOP_S = 5.0
_WATCH_S = 1.0  # how often an idle worker is looked at
_BACKOFF_S = (0.0, 0.0, 0.1, 0.5, 2.0, 10.0, 30.0)  # after so many lives in a row that answered nothing


class Supervisor:
    """One worker at a time. Thread-safe, and safe to inherit by ``fork``: a child starts its own worker.

    ``arguments`` gives, for the number of a life (1, 2, …), further arguments for the worker's command line.
    """

    def __init__(
        self,
        *,
        deadline_s: float = DEADLINE_S,
        start_deadline_s: float = 20.0,
        wear: Wear | None = None,
        hooks: Hooks | None = None,
        arguments: Callable[[int], Sequence[str]] = lambda _life: (),
    ) -> None:
        self._deadline_s, self._start_deadline_s = deadline_s, start_deadline_s
        self._wear = wear or Wear()
        self._hooks: Hooks = hooks or NoHooks()
        self._arguments = arguments
        self._reset()
        _everywhere.add(self)

    def _reset(self) -> None:
        self._asking = threading.Lock()  # held while the worker is asked or exchanged
        self._keeper = threading.Condition()  # guards what follows
        self._thread: threading.Thread | None = None
        self._needed = ""  # why a new worker is wanted, "" if none is
        self._closed = False
        self._graves: list[Life] = []
        self._idle_deaths = 0
        self._lives = 0
        self._ready = threading.Event()
        self._life: Life | None = None

    def after_fork(self) -> None:
        """In a child process: forget the parent's worker without touching it."""
        for life in (*self._graves, *((self._life,) if self._life else ())):
            life.abandon()
        self._reset()

    def start(self, wait_s: float = 0.0) -> bool:
        """Start the worker in the background, wait up to ``wait_s`` for it, and say whether it is up."""
        self._want("start")
        return self._ready.wait(wait_s)

    @property
    def pid(self) -> int | None:
        """The process id of the worker that is up now."""
        life = self._life
        return life.pid if life else None

    @property
    def lives(self) -> int:
        """How many workers have been started."""
        return self._lives

    def ask(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> tuple[Fired, ...]:
        """What the worker concludes; raises ``WorkerGoneError`` if there is no answer in time.

        ``decisions`` and ``facts`` must be within the limits. Blocks for the deadline at most or, when the
        worker sees ``decisions`` for the first time, for the deadline of loading.
        """
        until = time.monotonic() + self._deadline_s
        if not self._asking.acquire(timeout=self._deadline_s):
            raise WorkerGoneError("busy")
        try:
            life = self._life
            if life is None:
                self._want("start")
                raise WorkerGoneError("absent")
            try:
                fired = life.ask(decisions, facts, until)
            except WorkerGoneError as gone:
                self._lose(life, gone.reason)
                raise
            try:
                if life.worn(self._wear):
                    self._want("recycled")
            except WorkerGoneError as gone:
                self._lose(life, gone.reason)
            return fired
        finally:
            self._asking.release()

    def replace(self, reason: str) -> None:
        """End the worker, whose answers count no more, and have a fresh one started."""
        with self._asking:
            if self._life is not None:
                self._lose(self._life, reason)
                return
        self._want(reason)

    def close(self) -> None:
        """End the worker and its keeper; a later question starts them again."""
        with self._keeper:
            self._closed = True
            self._keeper.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(_STOP_S)

    def _want(self, reason: str) -> None:
        with self._keeper:
            if reason == "start" and self._life is not None:
                return
            self._needed = self._needed or reason
            self._closed = False
            if self._thread is None:
                # one thread starts every worker: the kernel ends a worker with the thread that started it
                self._thread = threading.Thread(target=self._keep, name="inference-keeper", daemon=True)
                self._thread.start()
            self._keeper.notify_all()

    def _lose(self, life: Life, reason: str) -> None:
        """Kill ``life`` and want another; the caller holds ``_asking``."""
        self._life = None
        self._ready.clear()
        life.kill()
        with self._keeper:
            self._graves.append(life)
            self._idle_deaths = 0 if life.answered else self._idle_deaths + 1
        self._hooks.on_restart(reason)
        self._want(reason)

    def _keep(self) -> None:
        """The keeper's thread: start workers, watch the idle one, bury the dead."""
        while True:
            with self._keeper:
                if not self._needed and not self._closed:
                    self._keeper.wait(_WATCH_S)
                graves, self._graves = self._graves, []
                needed, closed = self._needed, self._closed
            for life in graves:
                life.bury()
            if closed:
                if self._stop():
                    return
            elif needed:
                self._renew(needed)
            else:
                self._look()

    def _stop(self) -> bool:
        with self._asking:
            life, self._life = self._life, None
            self._ready.clear()
        if life is not None:
            life.retire()
        with self._keeper:
            if not self._closed:  # wanted again in the meantime
                return False
            self._needed = ""
            self._thread = None
            return True

    def _renew(self, reason: str) -> None:
        with self._keeper:
            delay = _BACKOFF_S[min(self._idle_deaths, len(_BACKOFF_S) - 1)]
            if delay and self._keeper.wait_for(lambda: self._closed, delay):
                return
            self._lives += 1
            number = self._lives
        try:
            life = Life.start(self._arguments(number), self._start_deadline_s)
        except (WorkerGoneError, OSError):
            with self._keeper:
                self._idle_deaths += 1
            self._hooks.on_restart("start")
            return
        with self._asking:
            old, self._life = self._life, life
            with self._keeper:
                self._needed = ""
            self._ready.set()
        if old is not None:
            self._hooks.on_restart(reason)
            old.retire()

    def _look(self) -> None:
        if self._asking.acquire(blocking=False):
            try:
                life = self._life
                if life is not None and life.ended():
                    self._lose(life, "dead")
            finally:
                self._asking.release()


_everywhere: weakref.WeakSet[Supervisor] = weakref.WeakSet()


def _after_fork() -> None:
    for supervisor in list(_everywhere):
        with suppress(OSError):
            supervisor.after_fork()


os.register_at_fork(after_in_child=_after_fork)
