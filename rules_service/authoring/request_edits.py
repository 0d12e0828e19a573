"""Requests taken apart: the places where values stand, and requests in which one of them is another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from rules_service.facts.grammar import identifier_field
from rules_service.facts.source import Request

__all__ = ["Path", "Spot", "copied", "edited", "plain", "spots", "value_at"]

Path = tuple[str | int, ...]
"""Names of fields and numbers of elements, from the request down."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a request where a field stands, or could."""

    path: Path
    field: FieldDescriptor


def spots(request: Message, fields: frozenset[str]) -> Iterator[Spot]:
    """The places of some fields (full names) in a request, those of records that are not there included."""
    kind: Any = request.DESCRIPTOR
    yield from _spots(request, kind, (), fields)


def _spots(message: Message | None, kind: Descriptor, path: Path, fields: frozenset[str]) -> Iterator[Spot]:
    for each in kind.fields:
        here = (*path, each.name)
        if each.full_name in fields:
            yield Spot(here, each)
        if each.message_type is None:
            continue
        if each.is_repeated:
            for number, element in enumerate(getattr(message, each.name) if message is not None else ()):
                yield from _spots(element, each.message_type, (*here, number), fields)
        elif _holds(each.message_type, fields):
            inner = (
                getattr(message, each.name) if message is not None and message.HasField(each.name) else None
            )
            yield from _spots(inner, each.message_type, here, fields)


def _holds(kind: Descriptor, fields: frozenset[str]) -> bool:
    """Whether a record could hold one of the fields."""
    return any(
        each.full_name in fields
        or (each.message_type is not None and (each.is_repeated or _holds(each.message_type, fields)))
        for each in kind.fields
    )


def value_at(request: Message, spot: Spot) -> Any:
    """What stands there: ``None`` for nothing; of a list a tuple, of records plain values (``plain``)."""
    holder: Any = request
    for step in spot.path[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    found = getattr(holder, spot.field.name)
    if spot.field.is_repeated:
        return tuple(plain(one) for one in found)
    if spot.field.has_presence and not holder.HasField(spot.field.name):
        return None
    return plain(found)


def plain(value: Any) -> Any:
    """A value that can be compared and kept: of a message its bytes."""
    return value.SerializeToString(deterministic=True) if isinstance(value, Message) else value


def copied(request: Request) -> Request:
    """A copy of a request."""
    copy: Any = type(request)()
    copy.CopyFrom(request)
    made: Request = copy
    return made


def edited(request: Request, spot: Spot, value: Any) -> Request:
    """A copy of a request with another value at a place; ``None`` clears it."""
    copy = copied(request)
    holder: Any = copy
    for step in spot.path[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    name = spot.field.name
    if value is None:
        holder.ClearField(name)
    elif spot.field.is_repeated:
        holder.ClearField(name)
        _fill(getattr(holder, name), spot.field, value)
    elif spot.field.message_type is not None:
        getattr(holder, name).ParseFromString(value)
        getattr(holder, name).SetInParent()
    else:
        setattr(holder, name, value)
    return copy


def _fill(target: Any, field: FieldDescriptor, values: Any) -> None:
    if field.message_type is None:
        target.extend(values)
        return
    name, seen = identifier_field(field.message_type), set()
    for value in values:
        element = target.add()
        element.ParseFromString(value)
        if isinstance(getattr(element, name), str) and len(values) > 1:
            while getattr(element, name) in seen or not getattr(element, name):
                setattr(element, name, f"{getattr(element, name)}x")
            seen.add(getattr(element, name))
