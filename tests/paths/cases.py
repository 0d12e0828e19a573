"""Cases of whole answers: reads `testdata/semantics/answers`, and compares an answer with what a case expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from ruamel.yaml import YAML

from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest, AssessResponse
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest, ReviewResponse

FOLDER = Path(__file__).resolve().parents[1] / "testdata" / "semantics" / "answers"
RULESET = FOLDER.parent / "ruleset"

Request = ReviewRequest | AssessRequest
Answer = ReviewResponse | AssessResponse


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ``request`` has the case's own request id."""

    id: str
    request: Request
    expect: Mapping[str, Any] | None
    error: Mapping[str, Any] | None


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def merged(base: Any, patch: Any) -> Any:
    """``base`` with ``patch`` over it: objects key by key, ``None`` deletes, everything else replaces."""
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return deepcopy(patch)
    made = {key: deepcopy(value) for key, value in base.items() if key not in patch}
    made |= {key: merged(base.get(key), value) for key, value in patch.items() if value is not None}
    return made


def cases() -> list[Case]:
    """All cases in the order of the files."""
    found = list(_cases())
    names = [case.id for case in found]
    assert len(set(names)) == len(names), "names of cases must differ within a file"
    return found


def _cases() -> Iterator[Case]:
    bases = _read(FOLDER / "_bases.yaml")
    number = 0
    for path in sorted(FOLDER.glob("[a-z]*.yaml")):
        for document in _read(path):
            number += 1
            unknown = document.keys() - {"name", "base", "request", "expect", "error"}
            assert not unknown, f"{path.name}: {document['name']}: {unknown}"
            body = merged(bases[document["base"]], document.get("request", {}))
            body.setdefault("context", {})["request_id"] = f"case-{number:04}"
            message = ReviewRequest() if document["base"] == "review" else AssessRequest()
            request = json_format.ParseDict(body, message)
            name = f"{path.stem}: {document['name']}"
            yield Case(name, request, document.get("expect"), document.get("error"))


def _word(enum: Any, number: int) -> str:
    name = enum.Name(number)
    return name.removeprefix(f"{enum.DESCRIPTOR.name.upper()}_")


def _action(number: int) -> str:
    return result_pb2.RecommendedAction.Name(number).removeprefix("RECOMMENDED_ACTION_")


def _level(number: int) -> str:
    return _word(result_pb2.Severity, number) if number else "NONE"


def _finding(finding: result_pb2.Finding) -> str:
    words = [_word(result_pb2.Outcome, finding.outcome)]
    if finding.severity:
        words.append(_level(finding.severity))
    if finding.severity_open:
        words += ["open", _level(finding.severity_open)]
    return " ".join(words)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _by_rule(answer: Answer, tell: Callable[[result_pb2.Finding], list[Any]]) -> Callable[[str], list[Any]]:
    return lambda rule: [
        item for finding in answer.findings if finding.rule_id == rule for item in tell(finding)
    ]


def differences(answer: Answer, expect: Mapping[str, Any]) -> list[str]:
    """Everything in which an answer differs from what a case expects."""
    found: list[str] = []

    def compare(what: str, has: Any, wanted: Any) -> None:
        if has != wanted:
            found.append(f"{what}: is {has}, expected {wanted}")

    for key, wanted in expect.items():
        if key in _WHOLE:
            compare(key, _WHOLE[key](answer), wanted)
        elif key in _FINDINGS:
            tell = _by_rule(answer, _FINDINGS[key])
            for rule, value in wanted.items():
                compare(f"{key} of {rule}", tell(rule), _listed(value))
        elif key in {"computed", "facts"}:
            _values(answer, key, wanted, compare)
        elif key in {"message", "note"}:
            _texts(answer, key, wanted, found)
        elif key in {"tally", "verdict", "stamp"}:
            part = getattr(answer, key)
            for name, value in wanted.items():
                has = getattr(part, name)
                compare(f"{key}.{name}", list(has) if isinstance(value, list) else has, value)
        elif key == "unchecked":
            reasons = {entry.rule_id: entry.reason for entry in answer.unchecked}
            for rule, reason in wanted.items():
                compare(f"unchecked {rule}", reasons.get(rule), reason)
        elif key == "conclusions":
            drawn = {
                entry.conclusion_id: [*entry.from_rules, *entry.from_conclusions]
                for entry in answer.conclusions
            }
            for name, sources in wanted.items():
                compare(f"conclusion {name}", drawn.get(name), sources)
        elif key == "not_in_answer":
            text = json_format.MessageToJson(answer, ensure_ascii=False)
            found += [f"{word!r} is in the answer" for word in wanted if word in text]
        else:
            found.append(f"unknown expectation {key}")
    return found


def _values(answer: Answer, key: str, wanted: Mapping[str, Any], compare: Callable[..., None]) -> None:
    for rule, values in wanted.items():
        for finding in (one for one in answer.findings if one.rule_id == rule):
            if key == "computed":
                has: dict[str, Any] = {
                    one.name: f"{one.numerator}/{one.denominator}" for one in finding.computed
                }
            else:
                has = {one.name: [one.raw, one.normalised] for one in finding.facts}
            for name, value in values.items():
                compare(f"{key} {name} of {rule}", has.get(name), value)


def _texts(answer: Answer, key: str, wanted: Mapping[str, str], found: list[str]) -> None:
    for rule, part in wanted.items():
        texts = [
            finding.message if key == "message" else "\n".join(one.note for one in finding.parameters)
            for finding in answer.findings
            if finding.rule_id == rule
        ]
        if not any(part in text for text in texts):
            found.append(f"{key} of {rule}: {part!r} is not in {texts}")


_WHOLE: dict[str, Callable[[Any], Any]] = {
    "decision": lambda answer: _word(result_pb2.Decision, answer.decision),
    "level": lambda answer: _level(answer.level),
    "level_open": lambda answer: _level(answer.level_open),
    "actions": lambda answer: [_action(number) for number in answer.recommended_actions],
}
_FINDINGS: dict[str, Callable[[result_pb2.Finding], list[Any]]] = {
    "findings": lambda finding: [_finding(finding)],
    "paths": lambda finding: [finding.path],
    "missing": lambda finding: [f"{one.name} {one.reason} {one.path}" for one in finding.missing],
    "parameters": lambda finding: [
        f"{one.parameter_id} {one.value} {one.operator} {one.source} {one.proof}"
        for one in finding.parameters
    ],
}
