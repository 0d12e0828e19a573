"""The guard: an answer counts when durable-rules and the chainer agree on it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from rules_service.engine.conclude import BY_BOTH, Concluded, DecisionFact, DecisionSet, Signature, signature
from rules_service.inference.chainer import Chainer
from rules_service.inference.channel import WorkerGoneError
from rules_service.inference.hooks import Hooks, NoHooks
from rules_service.inference.limits import require_facts, require_limits
from rules_service.inference.memo import Memo, Strikes
from rules_service.inference.supervisor import Supervisor

__all__ = ["GuardedConcluder"]

MEMO_SIZE = 32_768
_KNOWN_SETS = 1_024
_THREADS = 4
_WARM_WAIT_S = 20.0


class GuardedConcluder:
    """Memo, then worker and chainer together; a ``Concluder``. Thread-safe.

    * Both agree: remembered, ``by`` says both.
    * They differ: ``Concluded.disagreement``, not remembered, the worker is replaced.
    * The worker is dead, silent or busy: the chainer's answer, ``by`` says so, not remembered.

    Without a ``supervisor`` the chainer answers alone, and that is remembered.
    """

    def __init__(
        self, supervisor: Supervisor | None, *, memo_size: int = MEMO_SIZE, hooks: Hooks | None = None
    ) -> None:
        self._supervisor = supervisor
        self._chainer = Chainer()
        self._memo = Memo(memo_size)
        self._strikes = Strikes()
        self._hooks: Hooks = hooks or NoHooks()
        self._on_memo = self._hooks.on_memo
        self._accepted: set[str] = set()
        self._threads: ThreadPoolExecutor | None = None
        self._threads_of = 0

    def conclude(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        """Conclude; blocks for the supervisor's deadline at most when the answer is not in memory.

        Raises ``OutsideVocabularyError`` for decisions or facts that must not reach durable-rules.
        """
        key = (decisions.hash, facts)
        known = self._memo.get(key)
        if known is not None:
            self._on_memo(True)
            return known
        self._on_memo(False)
        return self._work_out(decisions, facts)

    async def conclude_async(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        """As ``conclude``, without blocking the event loop."""
        known = self._memo.get((decisions.hash, facts))
        if known is not None:
            self._on_memo(True)
            return known
        self._on_memo(False)
        if self._threads is None or self._threads_of != os.getpid():  # threads do not survive a fork
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="inference")
            self._threads_of = os.getpid()
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._work_out, decisions, facts
        )

    def warm(self, decisions: DecisionSet, questions: Iterable[tuple[DecisionFact, ...]]) -> int:
        """Work out ``questions`` ahead of time; returns how many of them are in memory afterwards."""
        if self._supervisor is not None:
            self._supervisor.start(_WARM_WAIT_S)
        asked = list(questions)
        for facts in asked:
            self.conclude(decisions, facts)
        return sum(self._memo.get(signature(decisions, facts)) is not None for facts in asked)

    def close(self) -> None:
        """End the worker and the threads."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        if self._supervisor is not None:
            self._supervisor.close()

    def _work_out(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        if decisions.hash not in self._accepted:
            require_limits(decisions)
            if len(self._accepted) >= _KNOWN_SETS:
                self._accepted.clear()
            self._accepted.add(decisions.hash)
        facts = require_facts(facts)
        key = signature(decisions, facts)
        alone = self._chainer.conclude(decisions, facts)
        if self._supervisor is None:
            self._memo.put(key, alone)
            return alone
        return self._second_opinion(self._supervisor, decisions, key, alone)

    def _second_opinion(
        self, supervisor: Supervisor, decisions: DecisionSet, key: Signature, alone: Concluded
    ) -> Concluded:
        if self._strikes.spared(key):
            self._hooks.on_alone()
            return alone
        try:
            fired = supervisor.ask(decisions, key[1])
        except WorkerGoneError as gone:
            if gone.reason not in {"busy", "absent"}:
                self._strikes.add(key)
            self._hooks.on_alone()
            return alone
        self._strikes.clear(key)
        if fired != alone.fired:
            self._hooks.on_disagreement()
            supervisor.replace("disagreement")
            return Concluded((), BY_BOTH, disagreement=True)
        agreed = Concluded(fired, BY_BOTH)
        self._memo.put(key, agreed)
        return agreed
