"""The time of a review in this process: from bytes to bytes, from message to message, and stage by stage."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, Final

from bench.applications import application
from bench.pool import Entry
from rules_service.api import Reviewer, Rules
from rules_service.engine.digest import answer_content, content_of, digest
from rules_service.engine.prepared import Prepared
from rules_service.facts.extract import FactSet
from rules_service.facts.structure import violations
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.values.dates import parse_date

__all__ = ["STAGES", "measure"]

STAGES: Final = (
    "decode",
    "structure",
    "selection",
    "facts",
    "conditions",
    "findings",
    "conclusions",
    "answer",
    "digest",
    "encode",
)
"""The stages in their order; ``findings`` are the findings with their explanations and with the content of
the digest, ``answer`` all that is put around them."""


def measure(rules: Rules, pool: Sequence[Entry], rounds: int, seconds: float) -> dict[str, Any]:
    """Microseconds a review over the pool, for applications full of faults and for clean ones.

    Each of the two takes ``rounds`` rounds, but begins none after ``seconds``.

    ``new_texts``: the same faults in applications whose texts and amounts were never seen before.
    """
    clean = [application(number, faulty=False).SerializeToString() for number in range(len(pool))]
    numbers = [int(ReviewRequest.FromString(e.request).project.project_code.rpartition("-")[2]) for e in pool]
    fresh = [application(number, faulty=True, texts=1).SerializeToString() for number in numbers]
    gc.collect()
    gc.freeze()
    return {
        "faulty": _kind(rules, [entry.request for entry in pool], rounds, seconds),
        "clean": _kind(rules, clean, rounds, seconds),
        "new_texts_us": _bytes_to_bytes(rules, fresh),
    }


def _kind(rules: Rules, requests: Sequence[bytes], rounds: int, seconds: float) -> dict[str, Any]:
    messages = [ReviewRequest.FromString(data) for data in requests]
    _bytes_to_bytes(rules, requests)  # everything seen once
    until = perf_counter() + seconds
    whole, inner, passes = [], [], []
    for number in range(rounds):
        if number and perf_counter() > until:
            break
        whole.append(_bytes_to_bytes(rules, requests))
        inner.append(_message_to_message(rules, messages))
        passes.append(_Stages(rules))
        for data in requests:
            passes[-1].review(data)
    first = passes[0]
    return {
        "bytes_to_bytes_us": statistics.median(whole),
        "bytes_to_bytes_us_rounds": whole,
        "message_to_message_us": statistics.median(inner),
        "stages_us": {name: statistics.median(one.us(name) for one in passes) for name in STAGES},
        "findings": first.findings / first.count,
        "condition_evaluations": first.evaluations / first.count,
        "answer_bytes": first.answer_bytes / first.count,
    }


def _bytes_to_bytes(rules: Rules, requests: Sequence[bytes]) -> float:
    """The mean over all requests."""
    read = ReviewRequest.FromString
    started = perf_counter()
    for data in requests:
        rules.snapshot().review(read(data), len(data)).SerializeToString()
    return (perf_counter() - started) * 1e6 / len(requests)


def _message_to_message(rules: Rules, messages: Sequence[ReviewRequest]) -> float:
    started = perf_counter()
    for message in messages:
        rules.review(message)
    return (perf_counter() - started) * 1e6 / len(messages)


class _Stages:
    """Reviews in the steps of ``rules_service.api``, the clock read between them.

    Facts, conditions and digest are part of larger steps: they are done once more by themselves, and their
    time is taken from the step that they are part of.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._reviewer: Reviewer = rules.snapshot()
        self._seconds = dict.fromkeys(STAGES, 0.0)
        self.count = self.findings = self.evaluations = self.answer_bytes = 0

    def us(self, stage: str) -> float:
        """Mean microseconds of a stage."""
        return self._seconds[stage] * 1e6 / self.count

    def _timed(self, stage: str, step: Callable[..., Any], *arguments: Any) -> Any:
        started = perf_counter()
        result = step(*arguments)
        self._seconds[stage] += perf_counter() - started
        return result

    def review(self, data: bytes) -> None:
        """One review."""
        rules, timed = self._rules, self._timed
        request = timed("decode", ReviewRequest.FromString, data)
        if timed("structure", violations, request, rules.limits, len(data)):
            raise ValueError("the request is not valid")
        prepared = timed("selection", lambda: rules.prepared(self._reviewer.view(request)))
        day = parse_date(request.context.evaluated_on)
        work = timed("findings", rules.engine.begin_review, prepared, request, day)
        concluded = timed("conclusions", rules.concluder.conclude, *work.question)
        answer = timed("answer", work.finish, concluded)
        encoded = timed("encode", answer.SerializeToString)
        seconds = dict(self._seconds)
        facts = timed("facts", prepared.extractor.review, request)
        self.evaluations += timed("conditions", _conditions, prepared, facts)
        found = [content_of(finding) for finding in answer.findings]
        unchecked = [(entry.rule_id, entry.reason) for entry in answer.unchecked]
        timed("digest", digest, answer_content(answer, found, unchecked))
        for part, whole in (("facts", "findings"), ("conditions", "findings"), ("digest", "answer")):
            self._seconds[whole] -= self._seconds[part] - seconds[part]
        self.count += 1
        self.findings += len(answer.findings)
        self.answer_bytes += len(encoded)


def _conditions(prepared: Prepared, facts: FactSet) -> int:
    """Evaluate every check on every subject; how many evaluations that were."""
    view = prepared.view
    hits, passed, skipped = view.program.evaluate(0, facts.project, facts.report, view.P)
    return len(hits) + sum(passed) + sum(skipped)
