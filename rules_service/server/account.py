"""Counts answers, and takes from them what the log may say of a call."""

from __future__ import annotations

import re
from typing import Any

from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["Account", "log_fields", "make_metrics", "plain_id"]


def _names(enum: Any, prefix: str) -> dict[int, str]:
    return {number: word.removeprefix(prefix) for word, number in enum.items()}


_DECISIONS = _names(result_pb2.Decision, "DECISION_")
_OUTCOMES = _names(result_pb2.Outcome, "OUTCOME_")
_LEVELS = _names(result_pb2.Severity, "SEVERITY_") | {0: "NONE"}
_PASS, _NOT_APPLICABLE = result_pb2.OUTCOME_PASS, result_pb2.OUTCOME_NOT_APPLICABLE
_FAIL, _INDETERMINATE = result_pb2.OUTCOME_FAIL, result_pb2.OUTCOME_INDETERMINATE
_EXEMPT, _ERROR = result_pb2.OUTCOME_EXEMPT, result_pb2.OUTCOME_ERROR
# A request id is the caller's; only what can be nothing but an identifier is repeated in the log.
_PLAIN_ID = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

Answer = review_pb.ReviewResponse | monitoring_pb.AssessResponse


def make_metrics() -> Metrics:
    """The metrics with the contract's words for its numbers."""
    return Metrics(decisions=_DECISIONS, outcomes=_OUTCOMES, levels=_LEVELS)


def plain_id(text: str) -> str | None:
    """The request id if it may be logged."""
    return text if _PLAIN_ID.fullmatch(text) else None


class Account:
    """Counts answers in the metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._decisions = metrics.decisions.add
        self._levels = metrics.levels.add
        self._findings = metrics.findings.add
        self._rules = metrics.rule_outcomes.counts
        self._missing = metrics.missing.counts

    def review(self, answer: review_pb.ReviewResponse) -> None:
        """Count one review."""
        self._decisions((answer.decision,))
        self._answer(answer)

    def assess(self, answer: monitoring_pb.AssessResponse) -> None:
        """Count one assessment."""
        self._levels((answer.level,))
        self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        tally = answer.tally
        for outcome, count in (
            (_PASS, tally.passed),
            (_FAIL, tally.failed),
            (_NOT_APPLICABLE, tally.not_applicable),
            (_EXEMPT, tally.exempt),
            (_INDETERMINATE, tally.indeterminate),
            (_ERROR, tally.error),
        ):
            if count:
                self._findings((outcome,), count)
        rules, missing = self._rules, self._missing
        for finding in answer.findings:
            outcome = finding.outcome
            if outcome in (_PASS, _NOT_APPLICABLE):
                continue  # listed only on demand, so a count by rule would mean nothing
            key = (finding.rule_id, outcome)
            rules[key] = rules.get(key, 0) + 1
            if outcome == _INDETERMINATE:
                for fact in finding.missing:
                    reason = (fact.reason,)
                    missing[reason] = missing.get(reason, 0) + 1


def log_fields(request_id: str, answer: Answer, *, classified: bool) -> dict[str, Any]:
    """What the log says of one answer; of a classified project rules and outcomes only."""
    fields: dict[str, Any]
    if isinstance(answer, review_pb.ReviewResponse):
        fields = {"decision": _DECISIONS[answer.decision]}
    else:
        fields = {"level": _LEVELS[answer.level]}
    if classified:
        fields["rules"] = sorted({f"{f.rule_id} {_OUTCOMES[f.outcome]}" for f in answer.findings})
        return fields
    tally, stamp = answer.tally, answer.stamp
    fields |= {
        "request_id": plain_id(request_id),
        "region": stamp.region_chain[-1] if stamp.region_chain else None,
        "bundle": stamp.hash[:12],
        "digest": answer.digest,
        "passed": tally.passed,
        "failed": tally.failed,
        "indeterminate": tally.indeterminate,
        "error": tally.error,
    }
    return fields
