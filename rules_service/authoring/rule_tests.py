"""Reads the tests that come with the rules: `tests/*.yaml` beside the checks (docs/architecture.md §5).

A test gives a request (its own parts over a named base) and what the answer must say of one rule, or of
the whole. A generated one is marked as to be confirmed until a person takes that line away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rules_service.authoring.equivalents import EQUIVALENTS
from rules_service.model.diagnostics import Source
from rules_service.model.nodes import MARK, Node, Scalar, source_of
from rules_service.model.ruleset import LayerSource, RulesetSource
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

__all__ = ["OF_ANSWER", "TO_CONFIRM", "RuleTest", "bases", "rule_tests"]

_BASES = "_bases.yaml"
_NO_TESTS = (_BASES, EQUIVALENTS)
_ASSESS_ONLY = frozenset({"report", "history", "scheduled_checkpoints", "goals"})
_KEYS = frozenset({"name", "rule", "region", "base", "request", "expect", "confirm"})
TO_CONFIRM = "待确认"
"""What ``confirm`` says of a test that no person has confirmed; nothing else may stand there."""
OF_ANSWER = frozenset({"decision", "grade", "label_contains", "level", "actions", "offered"})
"""What can be expected of a whole answer; everything else is said of the findings of one rule."""
_OF_FINDING = frozenset(
    {"outcome", "severity", "severity_open", "reason_code", "path", "message_contains", "remedy_contains"}
    | {"missing", "computed"}
)


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test as written, with its place; ``fault`` says why it cannot be run.

    ``confirmed``: a person stands for what it expects.
    """

    source: Source
    name: str
    rule: str
    document: Mapping[str, Node]
    expect: Mapping[str, Any]
    fault: str = ""
    confirmed: bool = True

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.source.file}:{self.source.line}"

    def request(self) -> ReviewRequest | AssessRequest:
        """The request, as a message of the service that it is for; raises ``ValueError`` if it is none."""
        kind = AssessRequest if _ASSESS_ONLY & self.document.keys() else ReviewRequest
        try:
            return json_format.ParseDict(_document(self.document, kind.DESCRIPTOR), kind())
        except (json_format.ParseError, TypeError) as error:
            raise ValueError(str(error)[:300]) from error


def rule_tests(ruleset: RulesetSource) -> Iterator[RuleTest]:
    """All tests of a ruleset, in the order of the files.

    An overlay's tests may build on the bases of the root layer, and are asked for the overlay's region
    where they name none.
    """
    shared = _bases(ruleset.root)
    for layer in ruleset.layers:
        yield from _layer_tests(layer, shared | _bases(layer))


def bases(ruleset: RulesetSource, layer: LayerSource) -> dict[str, ReviewRequest | AssessRequest]:
    """The bases on which tests of a layer may build, as requests; those that are none are left out."""
    found = {}
    for name, node in (_bases(ruleset.root) | _bases(layer)).items():
        if isinstance(node, dict):
            with suppress(ValueError):
                found[name] = RuleTest(source_of(node, Source("", 1, 1)), name, "", node, {}).request()
    return found


def _bases(layer: LayerSource) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for path, node in layer.tests.items():
        if path.endswith(_BASES) and isinstance(node, dict):
            found |= {name: value for name, value in node.items() if name != MARK}
    return found


def _layer_tests(layer: LayerSource, shared: Mapping[str, Node]) -> Iterator[RuleTest]:
    region = layer.region if layer.overlay is not None else ""
    for path, node in sorted(layer.tests.items()):
        if path.endswith(_NO_TESTS):
            continue
        start = Source(path, 1, 1)
        for entry in node if isinstance(node, list) else [node]:
            yield _one(entry, shared, start, region)


def _one(entry: Node, shared: Mapping[str, Node], start: Source, region: str) -> RuleTest:
    source = source_of(entry, start)
    if not isinstance(entry, dict):
        return RuleTest(source, "", "", {}, {}, "a test is a mapping")
    unknown = set(entry) - _KEYS - {MARK}
    expect = _plain(entry.get("expect"))
    base = shared.get(str(entry["base"])) if "base" in entry else {}
    fault = ""
    if unknown:
        fault = f"unknown keys: {', '.join(sorted(map(str, unknown)))}"
    elif not isinstance(expect, dict) or not expect or set(expect) - OF_ANSWER - _OF_FINDING:
        fault = f"expect must hold some of: {', '.join(sorted(OF_ANSWER | _OF_FINDING))}"
    elif not isinstance(base, dict):
        fault = f"no base {entry['base']}"
    elif set(expect) & _OF_FINDING and "rule" not in entry:
        fault = "without a rule only the whole answer can be expected"
    elif str(entry.get("confirm", TO_CONFIRM)) != TO_CONFIRM:
        fault = f"confirm can only be {TO_CONFIRM}; a confirmed test has no such line"
    named = {"project": {"region_code": entry.get("region", region)}} if "region" in entry or region else {}
    request = {} if fault else _merged(_merged(base, named), entry.get("request", {}))
    name, rule = (str(entry.get(key, "")) for key in ("name", "rule"))
    expected = expect if isinstance(expect, dict) else {}
    return RuleTest(source, name, rule, request, expected, fault, "confirm" not in entry)


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
