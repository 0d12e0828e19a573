"""Where each fact of the catalogue stands in the request, found from the protobuf descriptors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.subjects import LISTS
from rules_service.pb.budget.rules.v1 import (
    application_pb2,
    monitoring_service_pb2,
    options_pb2,
    report_pb2,
    review_service_pb2,
)

__all__ = [
    "MESSAGES",
    "RECORD_LISTS",
    "PlainFact",
    "Reading",
    "code_name",
    "enum_of",
    "enum_words",
    "field_names",
    "leaf_of",
    "message_of",
    "plain_fact",
    "section_of",
]


class Reading(Enum):
    """How a protobuf field becomes a value."""

    TEXT = auto()
    CODE = auto()
    ENUM = auto()
    DECIMAL = auto()
    DATE = auto()
    NUMBER = auto()  # an integer with presence: money, counts
    FLAG = auto()
    RECORD = auto()  # one message
    RECORDS = auto()  # a list of messages that are no subjects
    SUBJECTS = auto()  # a list of subjects
    TEXTS = auto()
    NUMBERS = auto()


def message_of(field: FieldDescriptor) -> Descriptor:
    """The type of the messages in a field that holds messages."""
    assert field.message_type is not None, field.name
    return field.message_type


def _messages() -> dict[str, Descriptor]:
    """The type of each subject's messages: of a root its own, of the others that of their lists."""
    found = {
        "project": application_pb2.BudgetApplication.DESCRIPTOR,
        "report": report_pb2.MonitoringReport.DESCRIPTOR,
    }
    for listed, subject in LISTS.items():
        found[subject.name] = message_of(_steps(found[subject.parent], Catalogue.load()[listed])[-1])
    return found


def _steps(descriptor: Descriptor, fact: Fact) -> list[FieldDescriptor]:
    """The fields from a subject's message down to the one that ``fact`` is read from."""
    steps: list[FieldDescriptor] = []
    listed = LISTS.get(fact.name)
    if listed is not None and listed.in_assessment and listed.root == "report":
        descriptor = monitoring_service_pb2.AssessRequest.DESCRIPTOR  # a report stands in no other request
    for name in fact.field.split("."):
        steps.append(descriptor.fields_by_name[name])
        if steps[-1].message_type is not None:
            descriptor = steps[-1].message_type
    return steps


MESSAGES: dict[str, Descriptor] = _messages()

# What computing functions see of a list of messages: one tuple an element.
RECORD_LISTS: dict[str, tuple[tuple[str, Reading], ...]] = {
    "item.multipliers": (("name", Reading.CODE), ("value", Reading.DECIMAL)),
    "report.budget_changes": (("effective_date", Reading.DATE), ("delta_fen", Reading.NUMBER)),
    "report.allocations": (("date", Reading.DATE), ("amount_fen", Reading.NUMBER)),
    "report.spend_plan": (("as_of", Reading.DATE), ("amount_fen", Reading.NUMBER)),
    "report.prior_reports": (("checkpoint_id", Reading.TEXT), ("revision", Reading.NUMBER)),
    "project.ex_ante.adjustments": (("closed", Reading.FLAG),),
    "project.ex_ante.items": (
        ("content_code", Reading.CODE),
        ("item_code", Reading.CODE),
        ("answered", Reading.FLAG),
    ),
    "project.reviews": (
        ("object", Reading.ENUM),
        ("reviewer_kind", Reading.CODE),
        ("reviewer_kind", Reading.TEXT),
        ("office_code", Reading.CODE),
        ("office_code", Reading.TEXT),
        ("result_raw", Reading.TEXT),
        ("reviewed_version_no", Reading.NUMBER),
        ("reviewed_at", Reading.DATE),
    ),
    "project.evaluations": (
        ("evaluated_year", Reading.NUMBER),
        ("kind", Reading.CODE),
        ("issued_at", Reading.DATE),
    ),
    "project.yearly_plan": (("amount_fen", Reading.NUMBER), ("year", Reading.NUMBER)),
    "project.funding_sources": (("amount_fen", Reading.NUMBER),),
    "indicator.qualitative_grades": (
        ("grade", Reading.TEXT),
        ("criterion", Reading.TEXT),
        ("share", Reading.DECIMAL),
    ),
    "indicator.planned_points": (("as_of", Reading.DATE), ("value", Reading.DECIMAL)),
}

_MULTIPLE = {Reading.TEXT: Reading.TEXTS, Reading.NUMBER: Reading.NUMBERS, Reading.RECORD: Reading.RECORDS}


def code_name(listed: str, field: str) -> str:
    """The fact whose words a code or enum in a list of messages has; "" for a list of no subjects."""
    return f"{LISTS[listed].name}.{field}" if listed in LISTS else ""


@dataclass(frozen=True, slots=True)
class PlainFact:
    """A fact read from one field.

    ``path`` holds the field names from the subject's message; ``section`` is a number of the enum
    ``Section``, 0 where the field always counts as provided.
    """

    fact: Fact
    path: tuple[str, ...]
    reading: Reading
    section: int
    enum: EnumDescriptor | None

    @property
    def name(self) -> str:
        """The name of the fact."""
        return self.fact.name


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """The enum of a field that holds one."""
    assert field.enum_type is not None, field.name
    return field.enum_type


def section_of(field: FieldDescriptor) -> int:
    """The section that a field belongs to, 0 for none."""
    return int(field.GetOptions().Extensions[options_pb2.field_rule].section)


@cache
def plain_fact(name: str) -> PlainFact:
    """How the plain fact ``name`` is read; ``KeyError`` for an unknown or a computed one."""
    fact = Catalogue.load()[name]
    if fact.computed:
        raise KeyError(name)
    steps = _steps(MESSAGES[fact.subject], fact)
    section = next(filter(None, map(section_of, steps)), 0)
    field = steps[-1]
    return PlainFact(fact, tuple(fact.field.split(".")), _reading(fact, field), section, field.enum_type)


def leaf_of(fact: Fact) -> FieldDescriptor:
    """The field that a fact is read from, or whose cell is shown for it."""
    return _steps(MESSAGES[fact.subject], fact)[-1]


def _reading(fact: Fact, field: FieldDescriptor) -> Reading:
    if fact.name in LISTS:
        return Reading.SUBJECTS
    one = _single(fact, field)
    return _MULTIPLE[one] if field.is_repeated else one


def _single(fact: Fact, field: FieldDescriptor) -> Reading:
    kind = fact.element if fact.kind == "list" else fact.kind
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return Reading.RECORD
    if field.type == FieldDescriptor.TYPE_ENUM:
        return Reading.ENUM
    if field.type == FieldDescriptor.TYPE_BOOL:
        return Reading.FLAG
    if field.type in {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64}:
        return Reading.NUMBER
    if kind == "text":
        return Reading.TEXT
    if kind == "code":
        return Reading.CODE
    if kind == "date":
        return Reading.DATE
    return Reading.DECIMAL


def enum_words(enum: EnumDescriptor) -> dict[int, str]:
    """The engine's words of an enum by number, without the prefix and without 0."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix) for value in enum.values if value.number}


@cache
def field_names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every name that ``not_held`` may use: fact names and ``subject.field`` paths.

    The value is the subject and the path of the field.
    """
    names: dict[str, tuple[str, tuple[str, ...]]] = {}
    for subject, descriptor in MESSAGES.items():
        for field in descriptor.fields:
            names[f"{subject}.{field.name}"] = (subject, (field.name,))
            if field.message_type is not None and not field.is_repeated:
                for inner in field.message_type.fields:
                    names[f"{subject}.{field.name}.{inner.name}"] = (subject, (field.name, inner.name))
    for fact in Catalogue.load():
        if not fact.computed:
            names.setdefault(fact.name, (fact.subject, tuple(fact.field.split("."))))
    return names


# Sections of whole parts of a request that are no field of a subject.
GOALS_SECTION = section_of(monitoring_service_pb2.AssessRequest.DESCRIPTOR.fields_by_name["goals"])
REPORT_SECTION = section_of(monitoring_service_pb2.AssessRequest.DESCRIPTOR.fields_by_name["report"])
HISTORY_SECTION = section_of(monitoring_service_pb2.AssessRequest.DESCRIPTOR.fields_by_name["history"])
SECTION_NUMBERS: frozenset[int] = frozenset(
    value.number for value in options_pb2.Section.DESCRIPTOR.values if value.number
)
REQUESTS = (
    review_service_pb2.ReviewRequest.DESCRIPTOR,
    monitoring_service_pb2.AssessRequest.DESCRIPTOR,
)
