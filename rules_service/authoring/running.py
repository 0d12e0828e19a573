"""Runs rule tests: what an answer must say, and how it differs.

Of several findings of a rule the gravest outcome counts, of those at `path` if that is given; the other
expectations must hold for one finding with that outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rules_service import api
from rules_service.authoring.rule_tests import RuleTest
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest, AssessResponse
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest, ReviewResponse

__all__ = ["Answer", "Answering", "Result", "differences", "finding_differences", "run"]

_GRAVEST_FIRST = ("ERROR", "FAIL", "INDETERMINATE", "PASS", "EXEMPT", "NOT_APPLICABLE")


Answer = ReviewResponse | AssessResponse


class Answering(Protocol):
    """Whoever answers requests: ``api.Rules``, or a reviewer of one snapshot."""

    def review(self, request: ReviewRequest) -> ReviewResponse:
        """Review one application."""
        ...

    def assess(self, request: AssessRequest) -> AssessResponse:
        """Assess one report."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test; ``differences`` is empty when it passed.

    ``severity`` is that of the finding meant.
    """

    test: RuleTest
    differences: tuple[str, ...]
    severity: str = ""


def run(test: RuleTest, rules: Answering) -> Result:
    """Run one test."""
    if test.fault:
        return Result(test, (test.fault,))
    try:
        request = test.request()
        answer = rules.review(request) if isinstance(request, ReviewRequest) else rules.assess(request)
    except (ValueError, api.RulesError) as error:
        return Result(test, (str(error)[:300],))
    found, severity = differences(test, answer)
    return Result(test, found, severity)


def differences(test: RuleTest, answer: Answer) -> tuple[tuple[str, ...], str]:
    """How an answer differs from what a test expects, and the severity of the finding that it means."""
    of_finding, severity = finding_differences(test, answer)
    return (*_answer_differences(test.expect, answer), *of_finding), severity


def _told(key: str, expected: object, found: object) -> str:
    return f"{key}: expected {expected}, found {found}"


def _answer_differences(expect: Mapping[str, Any], answer: Any) -> Iterator[str]:
    if "decision" in expect:
        found = result_pb2.Decision.Name(answer.decision).removeprefix("DECISION_")
        if expect["decision"].removeprefix("DECISION_") != found:
            yield _told("decision", expect["decision"], found)
    if "grade" in expect and expect["grade"] != answer.verdict.grade:
        yield _told("grade", expect["grade"], answer.verdict.grade)
    if "label_contains" in expect and expect["label_contains"] not in answer.verdict.label:
        yield _told("label_contains", expect["label_contains"], answer.verdict.label)
    if "level" in expect:
        found = result_pb2.Severity.Name(answer.level)
        if expect["level"].removeprefix("SEVERITY_") != found.removeprefix("SEVERITY_"):
            yield _told("level", expect["level"], found)
    if "actions" in expect:
        names = [result_pb2.RecommendedAction.Name(action) for action in _actions(answer)]
        found_actions = {name.removeprefix("RECOMMENDED_ACTION_") for name in names}
        if set(expect["actions"]) != found_actions:
            yield _told("actions", sorted(expect["actions"]), sorted(found_actions))
    if "offered" in expect:
        offered = {_offered(one) for one in getattr(answer, "reference_values", ())}
        if set(expect["offered"]) != offered:
            yield _told("offered", sorted(expect["offered"]), sorted(offered))


def _offered(one: result_pb2.ReferenceValue) -> str:
    """A reference value as tests write it: ``k1: 900–1500元/人天 A``, with 示例 behind it for a sample."""
    value = "–".join(filter(None, (one.value, one.value_to)))
    return f"{one.subject_id}: {value}{one.unit} {one.standard_id}{' 示例' if one.is_sample else ''}"


def _actions(answer: Answer) -> Iterator[result_pb2.RecommendedAction.ValueType]:
    """What an answer recommends: a review only by its findings."""
    if isinstance(answer, AssessResponse):
        yield from answer.recommended_actions
    for finding in answer.findings:
        yield from finding.recommended_actions


def finding_differences(test: RuleTest, answer: Answer) -> tuple[list[str], str]:
    """The same for what a test expects of the findings of its rule."""
    expect = test.expect
    wanted = expect.get("outcome")
    if wanted is None:
        return [], ""
    findings = [finding for finding in answer.findings if finding.rule_id == test.rule]
    if "path" in expect:
        findings = [finding for finding in findings if finding.path == expect["path"]]
    outcomes = {_outcome(finding) for finding in findings}
    if not findings and any(unchecked.rule_id == test.rule for unchecked in answer.unchecked):
        outcomes = {"NOT_APPLICABLE"}
    gravest = next((outcome for outcome in _GRAVEST_FIRST if outcome in outcomes), None)
    if gravest != wanted:
        return [_told(f"{test.rule} outcome", wanted, gravest)], ""
    candidates = [
        (list(_one_finding(expect, finding)), _level(finding.severity))
        for finding in findings
        if _outcome(finding) == wanted
    ]
    return min(candidates, key=lambda found: len(found[0])) if candidates else ([], "")


def _outcome(finding: result_pb2.Finding) -> str:
    return result_pb2.Outcome.Name(finding.outcome).removeprefix("OUTCOME_")


def _level(level: result_pb2.Severity.ValueType) -> str:
    return result_pb2.Severity.Name(level).removeprefix("SEVERITY_")


def _one_finding(expect: Mapping[str, Any], finding: result_pb2.Finding) -> Iterator[str]:
    reasons = {missing.reason for missing in finding.missing}
    for key, level in (("severity", finding.severity), ("severity_open", finding.severity_open)):
        if expect.get(key, _level(level)) != _level(level):
            yield _told(key, expect[key], _level(level))
    if expect.get("reason_code", finding.reason_code) != finding.reason_code:
        yield _told("reason_code", expect["reason_code"], finding.reason_code)
    for key, text in (("message_contains", finding.message), ("remedy_contains", finding.remedy)):
        if expect.get(key, "") not in text:
            yield _told(key, expect[key], text)
    if not set(expect.get("missing", [])) <= reasons:
        yield _told("missing", expect["missing"], sorted(reasons))
    if "computed" in expect:
        computed = {f"{one.label}：{one.display}" for one in finding.computed}
        if not set(expect["computed"]) <= computed:
            yield _told("computed", expect["computed"], sorted(computed))
