"""Faults of the worker: every answer is right or a disagreement, and things are back to normal afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rules_service
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
    band_fact,
    sorted_facts,
)
from rules_service.inference.channel import WorkerGoneError
from rules_service.inference.guard import GuardedConcluder
from rules_service.inference.life import Wear
from rules_service.inference.limits import OutsideVocabularyError
from rules_service.inference.supervisor import Supervisor

DECISIONS = DecisionSet.of(
    [DecisionRule("DEC-1", (Condition("a", "band", {"name": ("total",)}),), Conclusion(level="RED"))]
)
RESTS_ON = band_fact("total", "差")
Make = Callable[..., Supervisor]


def question(number: int) -> tuple[DecisionFact, ...]:
    """A question that no other number asks, so that no answer comes from memory."""
    return sorted_facts([RESTS_ON, band_fact("other", f"B{number}")])


RIGHT = (Fired("DEC-1", (RESTS_ON,)),)


class Record:
    """Hooks that count."""

    def __init__(self) -> None:
        self.restarts: Counter[str] = Counter()
        self.disagreements = self.alone = 0
        self.memo: Counter[bool] = Counter()

    def on_restart(self, reason: str) -> None:
        self.restarts[reason] += 1

    def on_disagreement(self) -> None:
        self.disagreements += 1

    def on_memo(self, hit: bool) -> None:
        self.memo[hit] += 1

    def on_alone(self) -> None:
        self.alone += 1


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition that must come true; the limit is for a broken build, not for a slow machine."""
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "this never came true"
        time.sleep(0.005)


def alive(pid: int) -> bool:
    """Whether a process runs or is stopped; one that ended and waits to be collected is not alive."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] not in {"Z", "X"}


def in_first_life(fault: str) -> Callable[[int], list[str]]:
    return lambda life: ["--test-fault", fault] if life == 1 else []


@pytest.mark.parametrize(
    ("fault", "reason", "deadline_s"),
    [
        ("die@3", "dead", 20),
        ("garbage@3", "garbage", 20),
        ("text@3", "garbage", 20),
        ("other-id@3", "garbage", 20),
        ("twice@3", "garbage", 20),
        ("unknown@3", "garbage", 20),
        ("failed@3", "failed", 20),
        ("hang@3", "silent", 0.5),
        ("half@3", "silent", 0.5),
        ("wrong@3", "disagreement", 20),
    ],
)
def test_faults(supervisors: Make, fault: str, reason: str, deadline_s: float):
    """From the third question on the first worker is at fault; the second one is sound."""
    record = Record()
    supervisor = supervisors(deadline_s=deadline_s, hooks=record, arguments=in_first_life(fault))
    guard = GuardedConcluder(supervisor, hooks=record)
    assert supervisor.start(wait_s=60)
    answers: list[Concluded] = []

    def ask() -> Concluded:
        answers.append(guard.conclude(DECISIONS, question(len(answers))))
        return answers[-1]

    assert ask() == ask() == Concluded(RIGHT, BY_BOTH)
    until(lambda: ask() and record.restarts[reason])
    until(lambda: supervisor.start() and ask() == Concluded(RIGHT, BY_BOTH))
    assert ask() == Concluded(RIGHT, BY_BOTH)

    for answer in answers:
        assert answer.disagreement or answer.fired == RIGHT
        assert answer == Concluded((), BY_BOTH, disagreement=True) or not answer.disagreement
    assert supervisor.lives == 2
    assert record.restarts == {reason: 1}
    assert record.disagreements == sum(answer.disagreement for answer in answers)
    assert record.alone == sum(answer.by == BY_CHAINER for answer in answers)
    assert (reason == "disagreement") == bool(record.disagreements)


def test_what_is_printed_does_not_land_among_the_answers(supervisors: Make):
    supervisor = supervisors(arguments=in_first_life("chatter"))
    assert supervisor.start(wait_s=60)
    for number in range(5):
        assert supervisor.ask(DECISIONS, question(number)) == RIGHT
    assert supervisor.lives == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_killed_from_outside(supervisors: Make, number: int):
    record = Record()
    supervisor = supervisors(hooks=record)
    guard = GuardedConcluder(supervisor, hooks=record)
    assert supervisor.start(wait_s=60)
    first = supervisor.pid
    assert first is not None
    os.kill(first, number)
    assert guard.conclude(DECISIONS, question(1)).fired == RIGHT
    until(lambda: supervisor.pid not in {first, None})
    assert guard.conclude(DECISIONS, question(2)) == Concluded(RIGHT, BY_BOTH)
    assert record.restarts == {"dead": 1}


def test_death_is_noticed_without_a_question(supervisors: Make):
    supervisor = supervisors()
    assert supervisor.start(wait_s=60)
    first = supervisor.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pid not in {first, None})
    assert supervisor.ask(DECISIONS, question(1)) == RIGHT


@pytest.mark.parametrize("size", [1, 4_000], ids=["small", "more than a pipe holds"])
def test_stopped(supervisors: Make, size: int):
    """A stopped worker is silent; it is killed and replaced."""
    record = Record()
    supervisor = supervisors(deadline_s=2, hooks=record)
    guard = GuardedConcluder(supervisor, hooks=record)
    assert supervisor.start(wait_s=60)
    assert guard.conclude(DECISIONS, question(0)).by == BY_BOTH
    first = supervisor.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    facts = sorted_facts([RESTS_ON, *(band_fact("other", f"C{number}") for number in range(size))])
    assert guard.conclude(DECISIONS, facts) == Concluded(RIGHT, BY_CHAINER)
    assert record.restarts == {"silent": 1}
    until(lambda: not alive(first))
    assert supervisor.start(wait_s=60)
    assert guard.conclude(DECISIONS, question(1)) == Concluded(RIGHT, BY_BOTH)


@pytest.mark.parametrize("fault", ["start", "mute"])
def test_worker_that_does_not_come_up(supervisors: Make, fault: str):
    """It is tried again; until one comes up the chainer answers alone."""
    record = Record()
    supervisor = supervisors(
        deadline_s=5,
        start_deadline_s=0.5 if fault == "mute" else 60,
        hooks=record,
        arguments=lambda life: ["--test-fault", fault] if life < 3 else [],
    )
    guard = GuardedConcluder(supervisor, hooks=record)
    assert guard.conclude(DECISIONS, question(0)) == Concluded(RIGHT, BY_CHAINER)
    until(lambda: supervisor.lives == 2)
    assert guard.conclude(DECISIONS, question(1)) == Concluded(RIGHT, BY_CHAINER)
    until(supervisor.start)
    assert guard.conclude(DECISIONS, question(2)) == Concluded(RIGHT, BY_BOTH)
    assert record.restarts["start"] == supervisor.lives - 1


def test_recycled_without_a_gap(supervisors: Make):
    """A worn worker answers until its successor is up."""
    record = Record()
    supervisor = supervisors(wear=Wear(questions=20), hooks=record)
    assert supervisor.start(wait_s=60)
    first = supervisor.pid
    number = 0
    while supervisor.lives < 3 or record.restarts["recycled"] < 2:
        number += 1
        assert supervisor.ask(DECISIONS, question(number)) == RIGHT
    assert first is not None
    until(lambda: not alive(first))
    assert set(record.restarts) == {"recycled"}


def test_sets_are_dropped_and_loaded_again(supervisors: Make):
    supervisor = supervisors(wear=Wear(sets=2))
    assert supervisor.start(wait_s=60)
    sets = [
        DecisionSet.of([DecisionRule(f"DEC-{number}", DECISIONS.rules[0].when, Conclusion(level="RED"))])
        for number in range(5)
    ]
    for _ in range(3):
        for decisions in sets:
            for number in range(2):
                (fired,) = supervisor.ask(decisions, question(number))
                assert fired.rule_id == decisions.rules[0].id
    assert supervisor.lives == 1


def test_recycled_for_loads(supervisors: Make):
    record = Record()
    supervisor = supervisors(wear=Wear(loads=3, sets=1), hooks=record)
    assert supervisor.start(wait_s=60)
    number = 0
    while not record.restarts["recycled"]:
        number += 1
        rule = DecisionRule(f"DEC-{number}", DECISIONS.rules[0].when, Conclusion(level="RED"))
        assert supervisor.ask(DecisionSet.of([rule]), question(0))
    assert number >= 3


def test_questions_from_many_threads(supervisors: Make):
    supervisor = supervisors()
    guard = GuardedConcluder(supervisor)
    assert supervisor.start(wait_s=60)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: guard.conclude(DECISIONS, question(number)), range(400)))
    assert answers == [Concluded(RIGHT, BY_BOTH)] * 400
    assert supervisor.lives == 1


def test_threads_do_not_wait_for_a_worker_that_hangs(supervisors: Make):
    """Whoever cannot get at the worker in time has the chainer."""
    record = Record()
    supervisor = supervisors(deadline_s=0.3, hooks=record, arguments=in_first_life("hang"))
    guard = GuardedConcluder(supervisor, hooks=record)
    assert supervisor.start(wait_s=60)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: guard.conclude(DECISIONS, question(number)), range(8)))
    assert {answer.fired for answer in answers} == {RIGHT}
    assert record.restarts["silent"] == 1


async def test_the_event_loop_is_free_meanwhile(supervisors: Make):
    """While the worker hangs over a question, the loop runs other things."""
    supervisor = supervisors(deadline_s=60, arguments=in_first_life("hang@2"))
    guard = GuardedConcluder(supervisor)
    assert supervisor.start(wait_s=60)
    assert await guard.conclude_async(DECISIONS, question(0)) == Concluded(RIGHT, BY_BOTH)
    pending = asyncio.create_task(guard.conclude_async(DECISIONS, question(1)))
    assert await guard.conclude_async(DECISIONS, question(0)) == Concluded(RIGHT, BY_BOTH)
    assert not pending.done()
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    assert (await pending).fired == RIGHT
    await asyncio.to_thread(guard.close)


def test_closed_and_used_again(supervisors: Make):
    supervisor = supervisors()
    supervisor.close()
    assert supervisor.start(wait_s=60)
    first = supervisor.pid
    assert first is not None
    supervisor.close()
    assert not alive(first)
    assert supervisor.pid is None
    with pytest.raises(WorkerGoneError, match="absent"):
        supervisor.ask(DECISIONS, question(0))
    assert supervisor.start(wait_s=60)
    assert supervisor.ask(DECISIONS, question(0)) == RIGHT


def test_bad_questions_do_not_reach_the_worker(supervisors: Make):
    supervisor = supervisors()
    guard = GuardedConcluder(supervisor)
    with pytest.raises(OutsideVocabularyError):
        guard.conclude(DECISIONS, (DecisionFact("project"),))
    with pytest.raises(OutsideVocabularyError):
        guard.conclude(DecisionSet.of([DecisionRule("D", (), Conclusion(tag="T"))]), question(0))
    assert supervisor.lives == 0


PARENT = """
import os, signal, sys, time
from rules_service.inference.supervisor import Supervisor
supervisor = Supervisor()
assert supervisor.start(60)
if sys.argv[1] == "stopped":
    os.kill(supervisor.pid, signal.SIGSTOP)
sys.stdout.write(f"{supervisor.pid}\\n")
sys.stdout.flush()
if sys.argv[1] == "leaves":
    sys.exit(0)
time.sleep(600)
"""


@pytest.mark.parametrize("how", ["killed", "stopped", "leaves"])
def test_the_worker_dies_with_its_parent(how: str):
    """Also when the parent is killed, when the worker is stopped, and when nobody closes anything."""
    root = Path(rules_service.__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", PARENT, how], cwd=root, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        if how != "leaves":
            assert alive(worker)
            parent.kill()
        parent.wait()
    until(lambda: not alive(worker))


FORK = """
import os, sys
from rules_service.engine.conclude import *
from rules_service.inference.supervisor import Supervisor
rule = DecisionRule("DEC-1", (Condition("a", "any_pass", {}),), Conclusion(decision="APPROVE"))
decisions, facts = DecisionSet.of([rule]), (any_pass_fact(),)
supervisor = Supervisor(deadline_s=20)
def check():
    assert supervisor.start(60)
    for _ in range(20):
        assert supervisor.ask(decisions, facts)[0].rule_id == "DEC-1"
    return supervisor.pid
mine = check()
child = os.fork()
theirs = check()
if child == 0:
    supervisor.close()
    os._exit(7 if theirs != mine else 1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 7
assert check() == theirs == mine
supervisor.close()
print("fine")
"""


def test_a_forked_child_has_its_own_worker():
    root = Path(rules_service.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", FORK], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("fine\n", "")
