"""Builds the concluder that a process uses."""

from __future__ import annotations

from typing import Literal

from rules_service.inference.guard import MEMO_SIZE, GuardedConcluder
from rules_service.inference.hooks import Hooks
from rules_service.inference.life import Wear
from rules_service.inference.supervisor import DEADLINE_S, Supervisor

__all__ = ["make_concluder"]


def make_concluder(
    kind: Literal["guarded", "chainer"] = "guarded",
    *,
    deadline_s: float = DEADLINE_S,
    memo_size: int = MEMO_SIZE,
    wear: Wear | None = None,
    hooks: Hooks | None = None,
) -> GuardedConcluder:
    """A concluder: ``guarded`` by durable-rules in a worker process, or the ``chainer`` alone in this one.

    ``deadline_s`` bounds one question to the worker, ``memo_size`` the conclusions kept in memory. The worker
    starts with the first question, or with ``warm``. ``close`` it at the end.
    """
    supervisor = Supervisor(deadline_s=deadline_s, wear=wear, hooks=hooks) if kind == "guarded" else None
    return GuardedConcluder(supervisor, memo_size=memo_size, hooks=hooks)
