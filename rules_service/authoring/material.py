"""The values that cases are made of: those that known requests hold, and those that a rule asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from rules_service.authoring.axes import axes_at, greatest
from rules_service.authoring.request_edits import Spot, plain, value_at
from rules_service.authoring.request_fields import kinds_of_fields
from rules_service.facts.context import FactContext
from rules_service.facts.fields import SECTION_NUMBERS, enum_of
from rules_service.facts.grammar import Rule, rule_of
from rules_service.facts.source import Request
from rules_service.language.keys import MISSING, NOT_CONSTANT, Keys, Reading
from rules_service.language.typed import Node
from rules_service.pb.budget.rules.v1.review_service_pb2 import RequestContext
from rules_service.values.dates import date_text
from rules_service.values.kinds import Base

__all__ = ["PROVIDED", "Material", "Seen", "constants"]

PROVIDED: Final = RequestContext.DESCRIPTOR.fields_by_name["provided"]
_MOST_SEEN: Final = 16
_MOST_CODES: Final = 16
_MOST_ELEMENTS: Final = 8
_FEN: Final = 100  # to a yuan
_PERCENT: Final = 100
_ROUND: Final = (1_000_000, 100_000_000)  # 1 and 100 万元: shares of them are whole 分
_BLANK: Final = "无"  # a placeholder in every ruleset's word list of placeholders
Constants = Mapping[str, frozenset[Any]]
"""What conditions compare with, by kind: ``money`` in 分, ``number``, ``date`` (fractions), and ``text``."""


class Seen:
    """The values that each field has in some requests, the most frequent first."""

    def __init__(self, requests: Iterable[Message]) -> None:
        self._counts: dict[str, Counter[Any]] = {}
        for request in requests:
            self._look(request)

    def _look(self, message: Message) -> None:
        for field, value in message.ListFields():
            counts = self._counts.setdefault(field.full_name, Counter())
            if not field.is_repeated:
                counts[plain(value)] += 1
                if field.message_type is not None:
                    self._look(value)
                continue
            if field.message_type is None:
                counts[tuple(value)] += 1
                continue
            for element in value:
                counts[plain(element)] += 1
                self._look(element)

    def values(self, field: FieldDescriptor, most: int) -> list[Any]:
        """The values of a field; of a list of records those of its elements."""
        counts = self._counts.get(field.full_name, Counter())
        ranked = sorted(counts, key=lambda value: (-counts[value], _size(value), repr(value)))
        return ranked[:most]


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes | tuple) else 0


class Material:
    """What may stand at the places of a request, for one rule under one reading of facts."""

    def __init__(self, seen: Seen, asked: Constants, context: FactContext) -> None:
        self._seen = seen
        self._asked = asked
        self._context = context

    def candidates(self, request: Request, spot: Spot) -> list[Any]:
        """Other values for a place, the likeliest first; ``None`` is nothing."""
        now = value_at(request, spot)
        found: dict[Any, None] = {}
        for value in self._candidates(request, spot, now):
            fits = not isinstance(value, int) or abs(value) <= greatest(spot.field)
            if value != now and fits:
                found.setdefault(value)
        return list(found)

    def _candidates(self, request: Request, spot: Spot, now: Any) -> Iterator[Any]:
        field = spot.field
        if field.is_repeated:
            yield from self._lists(field, now)
            return
        if field.type == FieldDescriptor.TYPE_ENUM:
            yield from (value.number for value in enum_of(field).values)
            return
        if field.type == FieldDescriptor.TYPE_BOOL:
            yield from (True, False, *((None,) if field.has_presence else ()))
            return
        yield from self._of_rule(field)
        yield from self._seen.values(field, _MOST_SEEN)
        for axis in axes_at(request, spot):
            steps = (axis.position + 1, axis.position - 1, 2 * axis.position, axis.position // 2)
            yield from (axis.make(place) for place in steps if axis.lowest <= place <= axis.highest)
        if field.message_type is not None or field.has_presence:
            yield None
        else:
            yield ""

    def _of_rule(self, field: FieldDescriptor) -> Iterator[Any]:
        """What the rule asks for, as this field would hold it."""
        rule = rule_of(field)
        if field.message_type is not None:
            yield b""
        elif rule is Rule.MONEY:
            for amount in sorted(self._asked["money"]):
                yield from (int(amount) + step for step in (0, 1, -1))
            yield from (0, 1, *_ROUND)
        elif field.type != FieldDescriptor.TYPE_STRING:
            yield from (int(number) + step for number in sorted(self._asked["number"]) for step in (0, 1, -1))
            yield from (0, 1, 2)
        elif rule is Rule.DECIMAL:
            prices = {amount / _FEN for amount in self._asked["money"]}
            for number in sorted({*self._asked["number"], *prices, Fraction(0), Fraction(1)}):
                yield from map(_decimal, (number, number * _PERCENT, number + 1, number - 1))
        elif rule is Rule.DATE:
            yield from (
                date_text(int(day) + step) for day in sorted(self._asked["date"]) for step in (0, 1, -1)
            )
        else:
            yield from sorted(self._asked["text"])[:_MOST_CODES]
            yield from self._codes(field)
            yield from ("", _BLANK)

    def _codes(self, field: FieldDescriptor) -> Iterator[str]:
        for fact in kinds_of_fields().get(field.full_name, ()):
            vocabulary = self._context.vocabularies.get(fact.name)
            if vocabulary is not None:
                yield from sorted(vocabulary.codes)[:_MOST_CODES]

    def _lists(self, field: FieldDescriptor, now: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if field is PROVIDED:
            yield tuple(sorted(SECTION_NUMBERS))
            return
        yield ()
        for number in range(len(now)):
            yield now[:number] + now[number + 1 :]
        yield now[:1]
        if now:
            yield (*now, now[-1])
        if field.message_type is None:
            yield from self._seen.values(field, _MOST_SEEN)
            return
        for element in (b"", *self._seen.values(field, _MOST_ELEMENTS)):
            yield (*now, element)
            yield (element,)


def _decimal(number: Fraction) -> str:
    """A number as fields hold it; what does not end is cut off."""
    text = f"{Decimal(int(number * 10**6)).scaleb(-6).normalize():f}"
    return text if text != "-0" else "0"


def constants(nodes: Iterable[Node], reading: Reading) -> Constants:
    """What conditions compare with: their own constants and the values of their parameters."""
    found: dict[str, set[Any]] = {"money": set(), "number": set(), "date": set(), "text": set()}
    for node in nodes:
        value = Keys({}).constant(node, reading) if node.op in {"const", "param"} else NOT_CONSTANT
        if value is NOT_CONSTANT or value is MISSING:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str):
                found["text"].add(one)
            elif isinstance(one, Fraction):
                found[_sort(node)].add(one)
    return {sort: frozenset(values) for sort, values in found.items()}


def _sort(node: Node) -> str:
    kind = node.kind.element if node.kind.is_list and node.kind.element is not None else node.kind
    if kind.base is Base.DATE:
        return "date"
    return "money" if kind.base is Base.MONEY else "number"
