"""The digest of an answer: SHA-256 over canonical JSON (RFC 8785) of what it decided and from what.

Covered: decision, verdict, ordered findings with facts, computed numerators and denominators,
parameters, missing facts, conclusions, what was not checked, counts and stamp. Not covered: the
request id, which concluder answered, and texts that follow from the bundle (titles, messages,
labels), so that a Chinese and an English answer to one request have one digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import orjson

from rules_service.pb.budget.rules.v1 import monitoring_service_pb2, result_pb2, review_service_pb2

__all__ = ["canonical_json", "digest"]

Answer = review_service_pb2.ReviewResponse | monitoring_service_pb2.AssessResponse


def digest(answer: Answer) -> str:
    """The digest of an answer as 64 hexadecimal digits."""
    return sha256(canonical_json(answer)).hexdigest()


def canonical_json(answer: Answer) -> bytes:
    """The canonical JSON that the digest covers.

    Every number is an integer below 2³² or a text, and every key is ASCII, so that sorted keys
    without white space are already the form of RFC 8785.
    """
    return orjson.dumps(_content(answer), option=orjson.OPT_SORT_KEYS)


def _content(answer: Answer) -> dict[str, Any]:
    stamp, tally = answer.stamp, answer.tally
    content: dict[str, Any] = {
        "findings": [_finding(finding) for finding in answer.findings],
        "conclusions": [
            (
                entry.conclusion_id,
                entry.decision,
                entry.level,
                entry.action,
                list(entry.from_rules),
                list(entry.from_conclusions),
            )
            for entry in answer.conclusions
        ],
        "unchecked": [(entry.rule_id, entry.reason) for entry in answer.unchecked],
        "tally": (
            tally.passed,
            tally.failed,
            tally.not_applicable,
            tally.exempt,
            tally.indeterminate,
            tally.error,
        ),
        "stamp": (
            stamp.bundle,
            stamp.version,
            stamp.hash,
            list(stamp.region_chain),
            stamp.layer,
            stamp.engine_version,
            stamp.rule_date,
            stamp.as_of,
            stamp.evaluated_on,
        ),
    }
    if isinstance(answer, review_service_pb2.ReviewResponse):
        content["decision"] = answer.decision
        content["verdict"] = (answer.verdict.map_id, answer.verdict.grade)
    else:
        content["level"] = (answer.level, answer.level_open)
        content["actions"] = list(answer.recommended_actions)
    return content


def _finding(finding: result_pb2.Finding) -> dict[str, Any]:
    return {
        "rule": (finding.rule_id, finding.rule_version),
        "outcome": (finding.outcome, finding.severity, finding.severity_open, finding.reason_code),
        "subject": (finding.subject_kind, finding.subject_id, finding.path),
        "facts": [
            (fact.name, fact.path, fact.raw, fact.normalised, _spans(fact.spans)) for fact in finding.facts
        ],
        "computed": [(value.name, value.numerator, value.denominator) for value in finding.computed],
        "parameters": [
            (
                used.parameter_id,
                used.value,
                used.operator,
                used.layer,
                used.effective_from,
                used.source,
                used.proof,
            )
            for used in finding.parameters
        ],
        "missing": [(fact.name, fact.reason, fact.path) for fact in finding.missing],
        "suggestion": (finding.suggestion.reference_value, finding.suggestion.standard_id),
        "actions": list(finding.recommended_actions),
    }


def _spans(spans: Iterable[result_pb2.TextSpan]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]
