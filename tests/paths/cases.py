"""Cases of whole answers: reads `testdata/semantics/answers`, tells where an answer differs from a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from ruamel.yaml import YAML

from rules_service.pb.budget.rules.v1 import result_pb2, score_pb2
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


def request_of(base: str, patch: Mapping[str, Any] | None = None) -> Request:
    """A base of the cases with a patch over it."""
    body = merged(_read(FOLDER / "_bases.yaml")[base], dict(patch or {}))
    return json_format.ParseDict(body, ReviewRequest() if base == "review" else AssessRequest())


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


def differences(answer: Answer, expect: Mapping[str, Any]) -> list[str]:
    """Everything in which an answer differs from what a case expects."""
    return [f"{key}: {text}" for key, wanted in expect.items() for text in _difference(answer, key, wanted)]


def _difference(answer: Answer, key: str, wanted: Any) -> Iterator[str]:
    if key in _WHOLE:
        yield from _other(_WHOLE[key](answer), wanted)
    elif key == "not_in_answer":
        text = json_format.MessageToJson(answer, ensure_ascii=False)
        yield from (f"{word!r} is in it" for word in wanted if word in text)
    elif key == "sheets":
        sheets = {sheet.sheet_id: sheet for sheet in answer.score_sheets}
        yield from _other(sorted(sheets), sorted(wanted))
        for name in wanted.keys() & sheets.keys():
            yield from (f"{name}: {text}" for text in _of_sheet(sheets[name], wanted[name]))
    elif key in {"tally", "verdict", "stamp"}:
        part = getattr(answer, key)
        for name, value in wanted.items():
            has = getattr(part, name)
            yield from _other(list(has) if isinstance(value, list) else has, value, name)
    elif key in {"unchecked", "conclusions"}:
        listed = _listed(answer)[key]
        for name, value in wanted.items():
            yield from _other(listed.get(name), value, name)
    else:
        for rule, value in wanted.items():
            findings = [one for one in answer.findings if one.rule_id == rule]
            yield from (f"{rule}: {text}" for text in _of_rule(findings, key, value))


def _other(has: Any, wanted: Any, name: str = "") -> Iterator[str]:
    if has != wanted:
        yield f"{name} is {has}, expected {wanted}".strip()


def _of_rule(findings: list[result_pb2.Finding], key: str, wanted: Any) -> Iterator[str]:
    if key in _FINDINGS:
        told = [item for finding in findings for item in _FINDINGS[key](finding)]
        yield from _other(told, wanted if isinstance(wanted, list) else [wanted])
    elif key in _TEXTS:
        texts = [_TEXTS[key](finding) for finding in findings]
        if not any(wanted in text for text in texts):
            yield f"{wanted!r} is not in {texts}"
    else:
        for name, value in wanted.items():
            has = [_VALUES[key](finding).get(name) for finding in findings]
            yield from _other(has, [value], name)


def _points(points: score_pb2.Points) -> str:
    both = f"{points.numerator}/{points.denominator}"
    return both.removesuffix("/1").removesuffix("/")


def _of_sheet(sheet: score_pb2.ScoreSheetResult, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Points are written as fractions, an unknown number as ''; an item is “worst to best reason”."""
    items = [*(item for part in sheet.dimensions for item in part.items), *sheet.adjustments]
    flags = {name: getattr(sheet, name) for name in ("veto", "passes", "excellent") if sheet.HasField(name)}
    told: dict[str, Any] = {
        "state": score_pb2.ScoreSheetState.Name(sheet.state).removeprefix("SCORE_SHEET_STATE_"),
        "band": sheet.band,
        "round": sheet.round,
        "flags": flags,
        "ignored": list(sheet.ignored),
        "missing": [f"{one.name} {one.reason} {one.path}" for one in sheet.missing],
        "scorers": {one.scorer: f"{_points(one.worst)} to {_points(one.best)}" for one in sheet.scorers},
    }
    told |= {name: _points(getattr(sheet, name)) for name in ("total", "best", "worst", "gap", "pass_score")}
    for name, value in wanted.items():
        if name != "items":
            yield from _other(told[name], value, name)
    for code, value in wanted.get("items", {}).items():
        item = next(one for one in items if one.item_code == code)
        shown = f"{_points(item.worst)} to {_points(item.best)} {item.reason}"
        yield from _other(shown, value, code)


def _listed(answer: Answer) -> dict[str, dict[str, Any]]:
    return {
        "unchecked": {entry.rule_id: entry.reason for entry in answer.unchecked},
        "conclusions": {
            entry.conclusion_id: [*entry.from_rules, *entry.from_conclusions] for entry in answer.conclusions
        },
    }


_WHOLE: dict[str, Callable[[Any], Any]] = {
    "decision": lambda answer: _word(result_pb2.Decision, answer.decision),
    "level": lambda answer: _level(answer.level),
    "level_open": lambda answer: _level(answer.level_open),
    "actions": lambda answer: [_action(number) for number in answer.recommended_actions],
}
_FINDINGS: dict[str, Callable[[result_pb2.Finding], list[Any]]] = {
    "findings": lambda finding: [_finding(finding)],
    "paths": lambda finding: [finding.path],
    "reason": lambda finding: [finding.reason_code],
    "actions_of": lambda finding: [_action(number) for number in finding.recommended_actions],
    "missing": lambda finding: [f"{one.name} {one.reason} {one.path}" for one in finding.missing],
    "parameters": lambda finding: [
        f"{one.parameter_id} {one.value} {one.operator} {one.source} {one.proof}"
        for one in finding.parameters
    ],
}
_TEXTS: dict[str, Callable[[result_pb2.Finding], str]] = {
    "message": lambda finding: finding.message,
    "note": lambda finding: "\n".join(one.note for one in finding.parameters),
}
_VALUES: dict[str, Callable[[result_pb2.Finding], dict[str, Any]]] = {
    "computed": lambda finding: {one.name: f"{one.numerator}/{one.denominator}" for one in finding.computed},
    "facts": lambda finding: {one.name: [one.raw, one.normalised] for one in finding.facts},
}
