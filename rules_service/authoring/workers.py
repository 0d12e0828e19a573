"""Spreads work over processes that are forked from this one, so that nothing is loaded or sent twice."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["spread"]

T = TypeVar("T")
R = TypeVar("R")

# What a worker process finds: forked processes get in this way what cannot be sent.
_shared: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def spread(
    work: Callable[[T], R], items: Sequence[T], *, workers: int | None = None, at_a_time: int = 1
) -> list[R]:
    """What ``work`` makes of each item, in their order.

    ``workers``: as many as there are processors, if not said; neighbours go to one process ``at_a_time``.
    """
    global _shared  # noqa: PLW0603 - see above
    count = workers or os.cpu_count() or 1
    if count == 1 or len(items) <= at_a_time:
        return [work(item) for item in items]
    _shared = (work, items)
    try:
        with multiprocessing.get_context("fork").Pool(count) as pool:
            return pool.map(_one, range(len(items)), chunksize=at_a_time)
    finally:
        _shared = None


def _one(number: int) -> Any:
    assert _shared is not None, "this process was forked by spread"
    work, items = _shared
    return work(items[number])
