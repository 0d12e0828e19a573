"""What is remembered, what is counted, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from rules_service.engine.conclude import (
    BY_BOTH,
    BY_CHAINER,
    Concluded,
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    Fired,
    any_pass_fact,
    signature,
)
from rules_service.inference.channel import WorkerGoneError
from rules_service.inference.factory import make_concluder
from rules_service.inference.guard import GuardedConcluder
from rules_service.inference.memo import Memo, Strikes

DECISIONS = DecisionSet.of(
    [DecisionRule("DEC-1", (Condition("a", "any_pass", {}),), Conclusion(decision="APPROVE"))]
)
FACTS = (any_pass_fact(),)
RIGHT = (Fired("DEC-1", FACTS),)


class Worker:
    """Stands in for the supervisor: gives the answers of a script, one after the other."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked = 0
        self.replaced: list[str] = []

    def start(self, wait_s: float) -> bool:
        return wait_s > 0

    def ask(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Any:
        assert (decisions, facts) == (DECISIONS, FACTS)
        self.asked += 1
        step = self.script.pop(0)
        if isinstance(step, str):
            raise WorkerGoneError(step)
        return step

    def replace(self, reason: str) -> None:
        self.replaced.append(reason)

    def close(self) -> None:
        self.script.clear()


def guard_of(*script: Any) -> tuple[GuardedConcluder, Worker]:
    worker = Worker(*script)
    return GuardedConcluder(worker), worker  # type: ignore[arg-type]


def test_agreement_is_remembered():
    guard, worker = guard_of(RIGHT)
    first = guard.conclude(DECISIONS, FACTS)
    assert first == Concluded(RIGHT, BY_BOTH)
    assert guard.conclude(DECISIONS, FACTS) is first
    assert worker.asked == 1


def test_disagreement_is_said_and_not_remembered():
    guard, worker = guard_of((), RIGHT)
    assert guard.conclude(DECISIONS, FACTS) == Concluded((), BY_BOTH, disagreement=True)
    assert worker.replaced == ["disagreement"]
    assert guard.conclude(DECISIONS, FACTS) == Concluded(RIGHT, BY_BOTH)


def test_other_premises_are_a_disagreement():
    guard, _ = guard_of((Fired("DEC-1", ()),))
    assert guard.conclude(DECISIONS, FACTS).disagreement


@pytest.mark.parametrize("reason", ["absent", "busy", "dead", "silent", "garbage", "failed"])
def test_an_answer_of_the_chainer_alone_is_not_remembered(reason: str):
    guard, worker = guard_of(reason, RIGHT)
    assert guard.conclude(DECISIONS, FACTS) == Concluded(RIGHT, BY_CHAINER)
    assert guard.conclude(DECISIONS, FACTS) == Concluded(RIGHT, BY_BOTH)
    assert worker.asked == 2


def test_a_question_that_kills_is_spared_after_three_times():
    """It would cost every other question its worker; the hundredth time it is tried again."""
    guard, worker = guard_of("dead", "silent", "dead", RIGHT)
    for _ in range(3 + 99):
        assert guard.conclude(DECISIONS, FACTS).by == BY_CHAINER
    assert worker.asked == 3
    assert guard.conclude(DECISIONS, FACTS).by == BY_BOTH


def test_a_worker_that_is_not_there_is_no_strike():
    guard, worker = guard_of(*["absent", "busy"] * 5, RIGHT)
    for _ in range(10):
        assert guard.conclude(DECISIONS, FACTS).by == BY_CHAINER
    assert guard.conclude(DECISIONS, FACTS).by == BY_BOTH
    assert worker.asked == 11


def test_warm_tells_what_is_in_memory():
    guard, worker = guard_of("dead", RIGHT)
    assert guard.warm(DECISIONS, [FACTS]) == 0
    assert guard.warm(DECISIONS, [FACTS, FACTS]) == 2
    assert worker.asked == 2


def test_chainer_only():
    """Without a worker the chainer's answers are remembered, and say who gave them."""
    concluder = make_concluder("chainer")
    first = concluder.conclude(DECISIONS, FACTS)
    assert first == Concluded(RIGHT, BY_CHAINER)
    assert concluder.conclude(DECISIONS, FACTS) is first
    assert concluder.warm(DECISIONS, [FACTS]) == 1
    concluder.close()


async def test_async_from_memory_and_not():
    concluder = make_concluder("chainer")
    first = await concluder.conclude_async(DECISIONS, FACTS)
    assert first.fired == RIGHT
    assert await concluder.conclude_async(DECISIONS, FACTS) is first
    concluder.close()


def test_memo_keeps_what_is_asked_for_and_forgets_the_rest():
    memo = Memo(4)
    answers = {number: Concluded((), f"{number}") for number in range(100)}
    keys = {number: signature(DecisionSet(f"{number}", ()), FACTS) for number in range(100)}
    for number in range(100):
        memo.put(keys[number], answers[number])
        assert memo.get(keys[0]) is answers[0]
        assert memo.get(keys[number]) is answers[number]
        assert len(memo) <= 8
    assert memo.get(keys[1]) is None
    assert sum(memo.get(key) is not None for key in keys.values()) >= 4


def test_strikes_forget_the_oldest():
    strikes = Strikes(most=1, size=2)
    keys = [signature(DecisionSet(f"{number}", ()), ()) for number in range(3)]
    for key in keys:
        assert not strikes.spared(key)
        strikes.add(key)
    assert [strikes.spared(key) for key in keys] == [False, True, True]
    strikes.clear(keys[2])
    assert not strikes.spared(keys[2])
