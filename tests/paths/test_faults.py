"""The conclusion worker is killed, stopped, hung and made to lie while requests are answered.

No answer may come of it that a healthy service would not give, but for those over which there was no
agreement: these go to people, one for each lie at most. Afterwards everything is as before, and the metrics
have counted it.
"""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import pytest

from rules_service import api
from rules_service.engine.conclude import BY_BOTH, Concluded, DecisionFact, DecisionSet
from rules_service.facts.limits import Limits
from rules_service.inference.guard import GuardedConcluder
from rules_service.inference.supervisor import Supervisor
from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest, ReviewResponse
from rules_service.registry.registry import Registry
from rules_service.server.account import make_metrics
from rules_service.server.reports import Reports
from tests.paths.corpus import Request, made
from tests.paths.routes import PROJECT, Answer, Route, by_python, served

PATIENCE_S = 30.0  # never reached unless a worker does not come back
ORDERED = ("wrong", "hang", "die", "garbage")  # by the worker's own fault flag
SENT = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
MODES = (*ORDERED, *SENT)


class _Plan:
    """Which fault meets which life of the worker, and at which of its questions; every mode has its turn."""

    def __init__(self, seed: int, faults: int, apart: int) -> None:
        random = Random(seed)  # noqa: S311 - chance, no secret
        modes = [mode for _ in range(-(-faults // len(MODES))) for mode in random.sample(MODES, len(MODES))]
        self._faults = [(mode, random.randrange(2, apart)) for mode in modes[:faults]]

    def of(self, life: int) -> tuple[str, int]:
        """Mode and number of the question for a life (1, 2, …); none for those after the last fault."""
        return self._faults[life - 1] if 1 <= life <= len(self._faults) else ("", 0)

    def arguments(self, life: int) -> Sequence[str]:
        """What the worker of this life is started with."""
        mode, question = self.of(life)
        return ("--test-fault", f"{mode}@{question}") if mode in ORDERED else ()

    @property
    def lies(self) -> int:
        return sum(mode == "wrong" for mode, _ in self._faults)

    def __len__(self) -> int:
        return len(self._faults)


@dataclass
class _Shaky:
    """Rules whose worker meets the faults of a plan, and nothing of which is remembered."""

    rules: api.Rules
    supervisor: Supervisor
    metrics: Metrics
    pids: set[int] = field(default_factory=set)

    def counted(self, name: str) -> int:
        value = self.metrics.registry.get_sample_value(f"rules_{name}_total")
        assert value is not None
        return int(value)


@contextmanager
def _shaky(plan: _Plan) -> Iterator[_Shaky]:
    metrics = make_metrics()
    hooks = Reports(metrics, LineLog(io.BytesIO(), "error"))
    supervisor = Supervisor(hooks=hooks, arguments=plan.arguments)
    rules = api.Rules(
        Registry((PROJECT / "rulesets",), None),
        concluder=GuardedConcluder(supervisor, memo_size=0, hooks=hooks),
        limits=Limits(),
        on_fault=hooks.on_fault,
        today=api.today,
    )
    shaky = _Shaky(rules, supervisor, metrics)
    try:
        yield shaky
    finally:
        rules.close()
    for pid in shaky.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class _Listening(GuardedConcluder):
    """The chainer alone, which tells what it was asked last."""

    last: tuple[str, tuple[DecisionFact, ...]] = ("", ())

    def conclude(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        self.last = (decisions.hash, facts)
        return super().conclude(decisions, facts)


@pytest.fixture(scope="module")
def expected() -> Callable[[int], list[tuple[Request, Answer]]]:
    """Requests no two of which ask the concluders the same, with the answers of a healthy service."""

    def make(count: int) -> list[tuple[Request, Answer]]:
        listening = _Listening(None)
        rules = api.Rules(
            Registry((PROJECT / "rulesets",), None),
            concluder=listening,
            limits=Limits(),
            on_fault=None,
            today=api.today,
        )
        ask, seen, pairs = by_python(rules), set(), []
        for request in made(count * 2, seed=5):
            request.context.partial = False
            del request.context.families[:]
            answer = ask([request])[0]
            if listening.last not in seen and len(pairs) < count:
                seen.add(listening.last)
                pairs.append((request, answer))
        assert len(pairs) == count
        return pairs

    return make


def _run(shaky: _Shaky, plan: _Plan, pairs: list[tuple[Request, Answer]], ask: Route) -> None:
    supervisor = shaky.supervisor
    assert supervisor.start(wait_s=PATIENCE_S)
    unsettled, seen, asked = 0, 0, 0
    back: list[float] = []
    for request, healthy in pairs:
        shaky.pids.add(supervisor.pid or 0)
        mode, question = plan.of(supervisor.lives)
        if mode in SENT and asked + 1 == question and supervisor.pid is not None:
            os.kill(supervisor.pid, SENT[mode])
        (answer,) = ask([request])
        asked += 1
        if answer.digest != healthy.digest:
            unsettled += 1
            _check_left_to_people(request, answer, healthy)
        if shaky.counted("worker_restarts") > seen:
            since = time.monotonic()
            assert supervisor.start(wait_s=PATIENCE_S)
            back.append(time.monotonic() - since)
            seen, asked = shaky.counted("worker_restarts"), 0
    shaky.pids.discard(0)
    assert supervisor.lives > len(plan), "every fault had its turn"
    assert unsettled == shaky.counted("disagreements") <= plan.lies
    assert shaky.counted("disagreements") >= 1
    assert shaky.counted("alone_answers") >= 1
    assert shaky.counted("worker_restarts") >= len(plan)
    assert shaky.counted("check_faults") == 0
    _wait_for_agreement(ask, pairs[0])
    print(f"{len(back)} restarts, up again after {max(back):.2f} s at most")  # noqa: T201 - shown with -s


def _check_left_to_people(request: Request, answer: Answer, healthy: Answer) -> None:
    """There was no agreement: the findings are as they should be, and a person decides."""
    assert answer.findings == healthy.findings
    assert not answer.conclusions
    if isinstance(request, ReviewRequest):
        assert isinstance(answer, ReviewResponse)
        assert answer.decision == result_pb2.DECISION_MANUAL
        assert not answer.verdict.grade
    else:
        assert result_pb2.RECOMMENDED_ACTION_ASK_HUMAN in answer.recommended_actions
        assert result_pb2.SEVERITY_RED in {answer.level, answer.level_open}


def _wait_for_agreement(ask: Route, pair: tuple[Request, Answer]) -> None:
    """In the end both engines answer again, and agree."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        (answer,) = ask([pair[0]])
        assert answer.digest == pair[1].digest
        if answer.stamp.concluded_by == BY_BOTH:
            return
    pytest.fail("the worker does not answer again")


@contextmanager
def _route(name: str, shaky: _Shaky) -> Iterator[Route]:
    if name == "python":
        yield by_python(shaky.rules)
        return
    with served(shaky.rules, shaky.metrics) as service:
        yield service.review


@pytest.mark.parametrize("name", ["python", "grpc"])
def test_faults_of_the_worker_change_no_answer(expected, name):
    plan = _Plan(seed=11, faults=len(MODES), apart=15)
    with _shaky(plan) as shaky, _route(name, shaky) as ask:
        _run(shaky, plan, expected(150), ask)


@pytest.mark.long
@pytest.mark.parametrize("name", ["python", "grpc"])
def test_many_faults_of_the_worker_change_no_answer(expected, name):
    plan = _Plan(seed=12, faults=10 * len(MODES), apart=30)
    with _shaky(plan) as shaky, _route(name, shaky) as ask:
        _run(shaky, plan, expected(2_000), ask)
