"""Documents of decision rules and verdict maps: what findings lead to, and how a place says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from rules_service.model.check_documents import ActionWord, BasisDocument, Service
from rules_service.model.diagnostics import Source
from rules_service.model.fields import Bilingual, Document, Entries, Identifier, Text, Whole, fault, words
from rules_service.model.nodes import Scalar, source_of, without_mark
from rules_service.values.outcomes import Decision, Outcome, Severity

__all__ = [
    "FACT_FIELDS",
    "ConditionDocument",
    "DecisionDocument",
    "Minimum",
    "ThenDocument",
    "VerdictDocument",
    "VerdictMapDocument",
]

# The closed vocabulary of decision facts: kinds, their fields, and a field's words or whole numbers.
_OUTCOMES = tuple(item.value for item in Outcome)
_LEVELS = tuple(item.name for item in Severity)
FACT_FIELDS: Final[Mapping[str, Mapping[str, tuple[str, ...] | range | None]]] = {
    "finding": {
        "rule": None,
        "outcome": _OUTCOMES,
        "severity": _LEVELS,
        "open": range(2),
        "subject": None,
        "n": range(1, 4),
    },
    "history": {"offset": range(-4, 0), "rule": None, "outcome": _OUTCOMES, "level": _LEVELS},
    "band": {"name": None, "value": None},
    "any_pass": {},
    "conclusion": {
        "rule": None,
        "decision": tuple(item.value for item in Decision),
        "level": _LEVELS,
        "action": None,
        "tag": None,
    },
}


class Minimum(BaseModel):
    """A test that a whole number is at least this."""

    model_config = ConfigDict(frozen=True)

    minimum: int


Test = tuple[str, ...] | tuple[int, ...] | Minimum


class ConditionDocument(BaseModel):
    """There is a fact of this kind that passes all tests (field → allowed values, or a minimum)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    kind: str
    alias: str | None
    tests: tuple[tuple[str, Test], ...]
    source: Source


def _condition(value: object) -> ConditionDocument:
    if not isinstance(value, dict):
        raise fault("DOC-NOT-MAPPING")
    keys = without_mark(value)
    alias = keys.pop("as", None)
    if len(keys) != 1 or (alias is not None and not isinstance(alias, Scalar)):
        raise fault("DECISION-CONDITION-SHAPE", kinds="、".join(FACT_FIELDS))
    kind, body = next(iter(keys.items()))
    if kind not in FACT_FIELDS:
        raise fault("DECISION-CONDITION-SHAPE", kinds="、".join(FACT_FIELDS))
    return ConditionDocument(
        kind=kind,
        alias=alias.text if isinstance(alias, Scalar) else None,
        tests=_tests(kind, body),
        source=source_of(value, Source("", 1, 1)),
    )


def _tests(kind: str, body: object) -> tuple[tuple[str, Test], ...]:
    if kind == "any_pass":
        if not isinstance(body, Scalar) or body.text != "true":
            raise fault("DECISION-ANY-PASS")
        return ()
    if kind == "conclusion" and isinstance(body, Scalar):
        return (("tag", (body.text,)),)
    if not isinstance(body, dict):
        raise fault("DOC-NOT-MAPPING")
    fields = FACT_FIELDS[kind]
    tests = []
    for field, allowed in without_mark(body).items():
        if field not in fields:
            raise fault("DECISION-FIELD", kind=kind, field=field, allowed="、".join(fields))
        tests.append((field, _test(field, allowed, fields[field])))
    return tuple(tests)


def _test(field: str, value: object, allowed: tuple[str, ...] | range | None) -> Test:
    if isinstance(value, dict):
        minimum = without_mark(value)
        if not isinstance(allowed, range) or set(minimum) != {"min"}:
            raise fault("DECISION-MINIMUM", field=field)
        return Minimum(minimum=_whole(field, minimum["min"], allowed))
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, Scalar) for item in items):
        raise fault("DECISION-TEST", field=field)
    if isinstance(allowed, range):
        return tuple(_whole(field, item, allowed) for item in items)
    texts = tuple(str(item) for item in items)
    for text in texts:
        if allowed is not None and text not in allowed:
            raise fault("DECISION-WORD", field=field, text=text[:40], allowed="、".join(allowed))
    return texts


def _whole(field: str, value: object, allowed: range) -> int:
    text = value.text if isinstance(value, Scalar) else ""
    for number in allowed:
        if text == str(number):
            return number
    listed = "、".join(str(number) for number in allowed)
    raise fault("DECISION-WORD", field=field, text=text[:40], allowed=listed)


class ThenDocument(Document):
    """What a decision rule concludes: at least one of these."""

    decision: Annotated[Decision, BeforeValidator(words(Decision))] | None = None
    level: Annotated[Severity, BeforeValidator(words(Severity))] | None = None
    action: ActionWord | None = None
    tag: Identifier | None = None

    @model_validator(mode="after")
    def _something(self) -> ThenDocument:
        if (self.decision, self.level, self.action, self.tag) == (None, None, None, None):
            raise fault("DECISION-THEN-EMPTY")
        return self


def _join(value: object) -> tuple[tuple[str, str], tuple[str, str]]:
    """``[a.rule, b.rule]``: the facts of two conditions agree in these fields."""
    sides = [str(item).split(".") for item in value] if isinstance(value, list) else []
    if len(sides) != 2 or any(len(side) != 2 for side in sides):
        raise fault("DECISION-JOIN")
    (left, left_field), (right, right_field) = sides
    return ((left, left_field), (right, right_field))


ConditionField = Annotated[ConditionDocument, PlainValidator(_condition)]
JoinField = Annotated[tuple[tuple[str, str], tuple[str, str]], PlainValidator(_join)]


class DecisionDocument(Document):
    """One decision rule over findings, history, score bands and other conclusions."""

    id: Identifier
    service: Service
    title: Bilingual
    when: Annotated[tuple[ConditionField, ...], Field(min_length=1, max_length=3)]
    joins: tuple[JoinField, ...] = ()
    then: ThenDocument
    priority: Whole = 0
    basis: tuple[BasisDocument, ...] = ()
    owner: Text | None = None

    @model_validator(mode="after")
    def _joined(self) -> DecisionDocument:
        aliases = [condition.alias for condition in self.when if condition.alias is not None]
        if len(set(aliases)) != len(aliases):
            raise fault("DECISION-ALIAS-TWICE")
        kinds = {condition.alias: condition.kind for condition in self.when}
        for join in self.joins:
            for alias, field in join:
                if field not in FACT_FIELDS.get(kinds.get(alias, ""), {}):
                    raise fault("DECISION-JOIN")
        return self


class VerdictDocument(Document):
    """What a place calls one decision; ``grade`` is absent where there is none."""

    grade: Text | None = None
    label: Bilingual


class VerdictMapDocument(Document):
    """A place's words for the decisions.

    ``ungraded`` is said of a MANUAL that comes from an error, or because nothing was checked.
    """

    id: Identifier
    title: Bilingual
    verdicts: Entries[VerdictDocument]
    ungraded: Bilingual
    basis: tuple[BasisDocument, ...] = ()
    owner: Text | None = None

    @model_validator(mode="after")
    def _whole_vocabulary(self) -> VerdictMapDocument:
        named = {entry.name.text for entry in self.verdicts}
        wanted = {decision.value for decision in Decision}
        missing, unknown = "、".join(sorted(wanted - named)), "、".join(sorted(named - wanted))
        if missing:
            raise fault("VERDICT-INCOMPLETE", missing=missing)
        if unknown:
            raise fault("VERDICT-UNKNOWN", text=unknown, allowed="、".join(sorted(wanted)))
        for entry in self.verdicts:
            if entry.name.text in {Decision.EXEMPT, Decision.NOT_DECIDED} and entry.value.grade is not None:
                raise fault("VERDICT-GRADE", decision=entry.name.text)
        return self
