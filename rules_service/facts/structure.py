"""Structural errors of a request, all at once: what is INVALID_ARGUMENT before any rule is asked.

A generated predicate says quickly that a request is sound; only when it does not is the request walked
through again for paths and values.  The walk decides: the predicate may ask for it needlessly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from rules_service.facts.fields import enum_of, field_names, message_of
from rules_service.facts.grammar import (
    Rule,
    has_unique_ids,
    identifier_field,
    is_clean,
    is_date,
    is_decimal,
    rule_of,
)
from rules_service.facts.limits import Limits
from rules_service.facts.predicate import sound
from rules_service.facts.text import utf16_length

__all__ = ["Violation", "violations"]

_SHOWN = 40  # characters of a faulty value that a violation repeats


@dataclass(frozen=True, slots=True)
class Violation:
    """One structural error: where, which (a code of ``violations.yaml``), and values for its text."""

    path: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def violations(message: Message, limits: Limits, size: int | None = None) -> list[Violation]:
    """Everything structurally wrong with a request, in the order of the contract's fields.

    ``size`` is the request's length in bytes, where the caller knows it: no text of a short request
    can be too long.  At most ``limits.violations`` are reported.
    """
    if sound(message, limits, message.ByteSize() if size is None else size):
        return []
    found: list[Violation] = []
    for violation in _Walk(limits, message).run():
        found.append(violation)
        if len(found) >= limits.violations:
            break
    return found


class _Walk:
    """Walks through one request and yields what is wrong."""

    def __init__(self, limits: Limits, root: Message) -> None:
        self.limits = limits
        self.root = root

    def run(self) -> Iterator[Violation]:
        names = self.root.DESCRIPTOR.fields_by_name
        if "project" in names and not self.root.HasField("project"):
            yield Violation("project", "PROJECT_MISSING")
        yield from self.message(self.root, "")
        yield from self.blank_links()

    def message(self, message: Message, path: str) -> Iterator[Violation]:
        fields: Sequence[FieldDescriptor] = message.DESCRIPTOR.fields  # type: ignore[assignment]
        for descriptor in fields:
            name = f"{path}.{descriptor.name}" if path else descriptor.name
            value = getattr(message, descriptor.name)
            if descriptor.is_repeated:
                yield from self.list_of(descriptor, value, name)
            elif not descriptor.has_presence or message.HasField(descriptor.name):
                yield from self.one(descriptor, value, name)

    def list_of(self, descriptor: FieldDescriptor, values: Any, path: str) -> Iterator[Violation]:
        limit = self.limits.of_list(descriptor.name)
        if len(values) > limit:
            yield Violation(path, "LIST_TOO_LONG", {"length": len(values), "limit": limit})
        listed = values[:limit]
        is_enum = descriptor.type == FieldDescriptor.TYPE_ENUM
        for index, value in enumerate(listed):
            if is_enum and not value:  # 0 is "not sent", which a list has no place for
                yield Violation(f"{path}[{index}]", "ENUM_UNKNOWN", {"value": value})
            yield from self.one(descriptor, value, f"{path}[{index}]")
        if has_unique_ids(descriptor):
            yield from self.duplicates(identifier_field(message_of(descriptor)), listed, path)

    @staticmethod
    def duplicates(name: str, elements: Any, path: str) -> Iterator[Violation]:
        """Blank identifiers are none: they don't repeat each other."""
        first: dict[str, int] = {}
        for index, element in enumerate(elements):
            identifier = getattr(element, name)
            if identifier and first.setdefault(identifier, index) != index:
                values = {"id": identifier[:_SHOWN], "other": f"{path}[{first[identifier]}].{name}"}
                yield Violation(f"{path}[{index}].{name}", "ID_DUPLICATE", values)

    def one(self, descriptor: FieldDescriptor, value: Any, path: str) -> Iterator[Violation]:
        rule = rule_of(descriptor)
        if rule is Rule.MESSAGE:
            yield from self.message(value, path)
        elif rule is Rule.ENUM:
            if value not in enum_of(descriptor).values_by_number:
                yield Violation(path, "ENUM_UNKNOWN", {"value": value})
        elif value or rule is Rule.YEAR:
            yield from _CHECKS[rule](self.limits, value, path)

    def blank_links(self) -> Iterator[Violation]:
        """A blank identifier is allowed as long as nothing links to it."""
        project = getattr(self.root, "project", None)
        if project is None:
            return
        goals = getattr(self.root, "goals", project.goals)
        if all(indicator.indicator_id for goal in goals for indicator in goal.indicators):
            return
        for index, item in enumerate(project.cost_items):
            for position, identifier in enumerate(item.linked_indicator_ids):
                if not identifier:
                    path = f"project.cost_items[{index}].linked_indicator_ids[{position}]"
                    yield Violation(path, "LINK_BLANK")


def _nothing(_limits: Limits, _value: Any, _path: str) -> Iterator[Violation]:
    return iter(())


def _text(limits: Limits, value: str, path: str) -> Iterator[Violation]:
    if (length := utf16_length(value)) > limits.text:
        yield Violation(path, "TEXT_TOO_LONG", {"length": length, "limit": limits.text})


def _identifier(limits: Limits, value: str, path: str) -> Iterator[Violation]:
    if (length := utf16_length(value)) > limits.identifier:
        yield Violation(path, "ID_TOO_LONG", {"length": length, "limit": limits.identifier})
    if not is_clean(value):
        yield Violation(path, "ID_CONTROL_CHARACTER")


def _decimal(_limits: Limits, value: str, path: str) -> Iterator[Violation]:
    if not is_decimal(value):
        yield Violation(path, "DECIMAL_SYNTAX", {"value": value[:_SHOWN]})


def _date(_limits: Limits, value: str, path: str) -> Iterator[Violation]:
    if not is_date(value):
        yield Violation(path, "DATE_SYNTAX", {"value": value[:_SHOWN]})


def _money(limits: Limits, value: int, path: str) -> Iterator[Violation]:
    if abs(value) > limits.money_fen:
        yield Violation(path, "MONEY_RANGE", {"value": value, "limit": limits.money_fen})


def _year(limits: Limits, value: int, path: str) -> Iterator[Violation]:
    if not limits.first_year <= value <= limits.last_year:
        years = {"first": limits.first_year, "last": limits.last_year}
        yield Violation(path, "YEAR_RANGE", {"value": value, **years})


def _not_held(_limits: Limits, value: str, path: str) -> Iterator[Violation]:
    if value not in field_names():
        yield Violation(path, "NOT_HELD_UNKNOWN", {"value": value[:_SHOWN]})


_CHECKS: dict[Rule, Callable[[Limits, Any, str], Iterator[Violation]]] = {
    Rule.NOTHING: _nothing,
    Rule.TEXT: _text,
    Rule.IDENTIFIER: _identifier,
    Rule.DECIMAL: _decimal,
    Rule.DATE: _date,
    Rule.MONEY: _money,
    Rule.YEAR: _year,
    Rule.NOT_HELD: _not_held,
}
