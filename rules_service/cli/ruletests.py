"""Runs the tests that come with the rules: `tests/*.yaml` beside the checks (docs/architecture.md §5).

A test gives a request (its own parts over a named base) and what the answer must say of one rule, or of
the whole. Of several findings of a rule the gravest outcome counts, of those at `path` if that is given; the
other expectations must hold for one finding with that outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rules_service import api
from rules_service.model.diagnostics import Source
from rules_service.model.nodes import MARK, Node, Scalar, source_of
from rules_service.model.ruleset import LayerSource, RulesetSource
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

__all__ = ["Result", "RuleTest", "rule_tests", "run"]

_BASES = "_bases.yaml"
_ASSESS_ONLY = frozenset({"report", "history", "scheduled_checkpoints", "goals"})
_GRAVEST_FIRST = ("ERROR", "FAIL", "INDETERMINATE", "PASS", "EXEMPT", "NOT_APPLICABLE")
_KEYS = frozenset({"name", "rule", "region", "base", "request", "expect"})
_OF_ANSWER = frozenset({"decision", "grade", "level", "actions"})
_OF_FINDING = frozenset({"outcome", "severity", "reason_code", "path", "message_contains", "missing"})


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test as written, with its place; ``fault`` says why it cannot be run."""

    source: Source
    name: str
    rule: str
    request: dict[str, Node]
    expect: Mapping[str, Any]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test; ``differences`` is empty when it passed."""

    test: RuleTest
    differences: tuple[str, ...]


def rule_tests(ruleset: RulesetSource) -> Iterator[RuleTest]:
    """All tests of a ruleset, in the order of the files."""
    for layer in ruleset.layers:
        yield from _layer_tests(layer)


def _layer_tests(layer: LayerSource) -> Iterator[RuleTest]:
    bases: dict[str, Node] = {}
    for path, node in layer.tests.items():
        if path.endswith(_BASES) and isinstance(node, dict):
            bases |= {name: value for name, value in node.items() if name != MARK}
    for path, node in sorted(layer.tests.items()):
        if path.endswith(_BASES):
            continue
        start = Source(path, 1, 1)
        for entry in node if isinstance(node, list) else [node]:
            yield _one(entry, bases, start)


def _one(entry: Node, bases: Mapping[str, Node], start: Source) -> RuleTest:
    source = source_of(entry, start)
    if not isinstance(entry, dict):
        return RuleTest(source, "", "", {}, {}, "a test is a mapping")
    unknown = set(entry) - _KEYS - {MARK}
    expect = _plain(entry.get("expect"))
    base = bases.get(str(entry["base"])) if "base" in entry else {}
    fault = ""
    if unknown:
        fault = f"unknown keys: {', '.join(sorted(map(str, unknown)))}"
    elif not isinstance(expect, dict) or not expect or set(expect) - _OF_ANSWER - _OF_FINDING:
        fault = f"expect must hold some of: {', '.join(sorted(_OF_ANSWER | _OF_FINDING))}"
    elif not isinstance(base, dict):
        fault = f"no base {entry['base']}"
    elif set(expect) & _OF_FINDING and "rule" not in entry:
        fault = "without a rule only the whole answer can be expected"
    request = {} if fault else _merged(base, entry.get("request", {}))
    if "region" in entry and not fault:
        request = _merged(request, {"project": {"region_code": entry["region"]}})
    name, rule = (str(entry.get(key, "")) for key in ("name", "rule"))
    return RuleTest(source, name, rule, request, expect if isinstance(expect, dict) else {}, fault)


def _merged(base: Node, over: Node) -> Any:
    """Mappings key by key; lists and scalars are replaced whole."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    made = dict(base)
    for key, value in over.items():
        made[key] = _merged(made[key], value) if key in made else value
    return made


def _plain(node: Node) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if key != MARK}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node.text if isinstance(node, Scalar) else node


def _document(node: Node, kind: Descriptor) -> Any:
    """The JSON form of a message; scalars get the type that the contract gives their field."""
    if not isinstance(node, dict):
        return _plain(node)
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key == MARK:
            continue
        field = kind.fields_by_name.get(key)
        made[key] = _field(value, field) if field is not None else _plain(value)
    return made


def _field(value: Node, field: FieldDescriptor) -> Any:
    if isinstance(value, list):
        return [_field(item, field) for item in value]
    if field.message_type is not None:
        return _document(value, field.message_type)
    plain = _plain(value)
    if field.type == FieldDescriptor.TYPE_BOOL and plain in {"true", "false"}:
        return plain == "true"
    return plain


def run(test: RuleTest, rules: api.Rules) -> Result:
    """Run one test."""
    if test.fault:
        return Result(test, (test.fault,))
    assess = bool(_ASSESS_ONLY & test.request.keys())
    kind: Any = monitoring_pb.AssessRequest if assess else review_pb.ReviewRequest
    try:
        request: Any = json_format.ParseDict(_document(test.request, kind.DESCRIPTOR), kind())
    except (json_format.ParseError, ValueError, TypeError) as error:
        return Result(test, (str(error)[:300],))
    try:
        answer = rules.assess(request) if assess else rules.review(request)
    except api.RulesError as error:
        return Result(test, (str(error)[:300],))
    return Result(test, (*_answer_differences(test.expect, answer), *_finding_differences(test, answer)))


def _told(key: str, expected: object, found: object) -> str:
    return f"{key}: expected {expected}, found {found}"


def _answer_differences(expect: Mapping[str, Any], answer: Any) -> Iterator[str]:
    if "decision" in expect:
        found = result_pb2.Decision.Name(answer.decision).removeprefix("DECISION_")
        if expect["decision"].removeprefix("DECISION_") != found:
            yield _told("decision", expect["decision"], found)
    if "grade" in expect and expect["grade"] != answer.verdict.grade:
        yield _told("grade", expect["grade"], answer.verdict.grade)
    if "level" in expect:
        found = result_pb2.Severity.Name(answer.level)
        if expect["level"].removeprefix("SEVERITY_") != found.removeprefix("SEVERITY_"):
            yield _told("level", expect["level"], found)
    if "actions" in expect:
        names = [result_pb2.RecommendedAction.Name(action) for action in answer.recommended_actions]
        found_actions = {name.removeprefix("RECOMMENDED_ACTION_") for name in names}
        if set(expect["actions"]) != found_actions:
            yield _told("actions", sorted(expect["actions"]), sorted(found_actions))


def _finding_differences(test: RuleTest, answer: Any) -> Iterator[str]:
    expect = test.expect
    wanted = expect.get("outcome")
    if wanted is None:
        return
    findings = [finding for finding in answer.findings if finding.rule_id == test.rule]
    if "path" in expect:
        findings = [finding for finding in findings if finding.path == expect["path"]]
    outcomes = {result_pb2.Outcome.Name(finding.outcome).removeprefix("OUTCOME_") for finding in findings}
    if not findings and any(unchecked.rule_id == test.rule for unchecked in answer.unchecked):
        outcomes = {"NOT_APPLICABLE"}
    gravest = next((outcome for outcome in _GRAVEST_FIRST if outcome in outcomes), None)
    if gravest != wanted:
        yield _told(f"{test.rule} outcome", wanted, gravest)
        return
    candidates = [list(_one_finding(expect, finding)) for finding in findings if _outcome(finding) == wanted]
    if candidates:
        yield from min(candidates, key=len)


def _outcome(finding: result_pb2.Finding) -> str:
    return result_pb2.Outcome.Name(finding.outcome).removeprefix("OUTCOME_")


def _one_finding(expect: Mapping[str, Any], finding: result_pb2.Finding) -> Iterator[str]:
    severity = result_pb2.Severity.Name(finding.severity).removeprefix("SEVERITY_")
    reasons = {missing.reason for missing in finding.missing}
    if expect.get("severity", severity) != severity:
        yield _told("severity", expect["severity"], severity)
    if expect.get("reason_code", finding.reason_code) != finding.reason_code:
        yield _told("reason_code", expect["reason_code"], finding.reason_code)
    if expect.get("message_contains", "") not in finding.message:
        yield _told("message_contains", expect["message_contains"], finding.message)
    if not set(expect.get("missing", [])) <= reasons:
        yield _told("missing", expect["missing"], sorted(reasons))
