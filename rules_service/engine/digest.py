"""The digest of an answer: SHA-256 over canonical JSON (RFC 8785) of what it decided and from what.

Covered: decision, verdict, ordered findings with facts, computed numerators and denominators,
parameters, missing facts, sheets, reference values, conclusions, what was not checked, counts, stamp. Not
covered: the request id, which concluder answered, and texts that follow from the bundle (titles, messages,
labels), so that a Chinese and an English answer to one request have one digest.

The engine makes the content of each finding while it writes it; :func:`content_of` reads the same
content back from an answer, so that an auditor can tell whether a stored answer was changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import orjson

from rules_service.engine.score_content import sheet_content
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessResponse
from rules_service.pb.budget.rules.v1.result_pb2 import Finding, ParameterUsed
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewResponse

__all__ = [
    "Content",
    "answer_content",
    "canonical_json",
    "content_of",
    "digest",
    "digest_of",
    "parameter_content",
]

Answer = ReviewResponse | AssessResponse
Content = tuple[Any, ...]
"""What the digest covers of one finding.

rule, version, outcome, severity, open severity, reason code, subject kind, subject id, path,
facts (name, path, raw, normalised, spans), computed (name, numerator, denominator),
parameters, missing (name, reason, path), suggestion (reference value, standard), actions.
"""


def digest(content: Any) -> str:
    """The digest of an answer's content (:func:`answer_content`) as 64 hexadecimal digits."""
    return sha256(canonical_json(content)).hexdigest()


def digest_of(answer: Answer) -> str:
    """The digest that a stored answer ought to have."""
    findings = [content_of(finding) for finding in answer.findings]
    unchecked = [(entry.rule_id, entry.reason) for entry in answer.unchecked]
    return digest(answer_content(answer, findings, unchecked))


def canonical_json(content: Any) -> bytes:
    """Content as canonical JSON.

    Numbers in it are integers below 2³² and keys are ASCII, so that sorted keys without white space
    are already the form of RFC 8785.
    """
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def answer_content(
    answer: Answer, findings: list[Content], unchecked: list[tuple[str, str]]
) -> dict[str, Any]:
    """What the digest covers of an answer, with these findings and (rule, reason) of the unchecked."""
    stamp, tally = answer.stamp, answer.tally
    content: dict[str, Any] = {
        "findings": findings,
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
        "unchecked": unchecked,
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
    if isinstance(answer, ReviewResponse):
        content["decision"] = answer.decision
        if answer.reference_values:
            content["reference_values"] = [
                (
                    *(one.subject_kind, one.subject_id, one.path, one.kind, one.value, one.value_to),
                    *(one.unit, one.standard_id),
                )
                for one in answer.reference_values
            ]
        content["verdict"] = (answer.verdict.map_id, answer.verdict.grade)
        if answer.score_sheets:
            content["scores"] = [
                (*sheet_content(sheet), parameter_content(sheet.parameters)) for sheet in answer.score_sheets
            ]
    else:
        content["level"] = (answer.level, answer.level_open)
        content["actions"] = list(answer.recommended_actions)
    return content


def content_of(finding: Finding) -> Content:
    """The content of a finding, read back from an answer."""
    suggestion = finding.suggestion
    return (
        finding.rule_id,
        finding.rule_version,
        finding.outcome,
        finding.severity,
        finding.severity_open,
        finding.reason_code,
        finding.subject_kind,
        finding.subject_id,
        finding.path,
        [
            (fact.name, fact.path, fact.raw, fact.normalised, [(span.start, span.end) for span in fact.spans])
            for fact in finding.facts
        ],
        [(value.name, value.numerator, value.denominator) for value in finding.computed],
        parameter_content(finding.parameters),
        [(fact.name, fact.reason, fact.path) for fact in finding.missing],
        (suggestion.reference_value, suggestion.standard_id),
        list(finding.recommended_actions),
    )


def parameter_content(parameters: Iterable[ParameterUsed]) -> list[tuple[str, ...]]:
    """What the digest covers of the parameters of a finding."""
    return [
        (
            used.parameter_id,
            used.value,
            used.operator,
            used.layer,
            used.effective_from,
            used.source,
            used.proof,
        )
        for used in parameters
    ]
