"""Mutation of a whole ruleset: tries out every mutant, on as many processors as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence

from rules_service.authoring.mutants import Mutant
from rules_service.authoring.trials import Trials, Verdict

__all__ = ["Verdict", "try_all"]

_AT_A_TIME = 24  # mutants: neighbours concern the same rule, whose tests are then ready

# What a worker process finds: it is forked from this one, so that nothing is loaded or sent twice.
_shared: tuple[Trials, Sequence[Mutant]] | None = None


def try_all(trials: Trials, mutants: Sequence[Mutant], workers: int | None = None) -> list[Verdict]:
    """The fates of mutants, in their order; ``workers``: as many as there are processors, if not said."""
    global _shared  # noqa: PLW0603 - how forked processes get what cannot be sent
    count = workers or os.cpu_count() or 1
    if count == 1 or len(mutants) <= _AT_A_TIME:
        return [trials.try_out(mutant) for mutant in mutants]
    _shared = (trials, mutants)
    try:
        with multiprocessing.get_context("fork").Pool(count) as pool:
            return pool.map(_try_out, range(len(mutants)), chunksize=_AT_A_TIME)
    finally:
        _shared = None


def _try_out(number: int) -> Verdict:
    assert _shared is not None, "this process was forked by try_all"
    trials, mutants = _shared
    return trials.try_out(mutants[number])
