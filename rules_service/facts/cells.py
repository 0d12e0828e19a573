"""The cell of the request that a fact stands in, and what was sent there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from rules_service.facts.fields import enum_of, leaf_of
from rules_service.facts.reading import Reader
from rules_service.model.catalogue import Catalogue

__all__ = ["Cell", "cell", "cell_of"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a fact stands below its subject, and how to read what was sent there.

    ``raw`` takes the subject's message; it gives "" for what was not sent, and for records and lists
    of records.  Integers (money in 分) show as sent; an enum shows its word in the contract; a list
    of texts is joined by “、”.
    """

    suffix: str
    raw: Callable[[Any], str]


def cell(reader: Reader, name: str, indices: tuple[int, ...]) -> tuple[str, str]:
    """Path and raw text of a fact; the cell of a computed fact is its field's."""
    fact = Catalogue.load()[name]
    message = reader.message(fact.subject, indices)
    path = reader.field_path(fact, indices)
    return path, "" if message is None else cell_of(name).raw(message)


@cache
def cell_of(name: str) -> Cell:
    """The cell of a fact of the catalogue."""
    fact = Catalogue.load()[name]
    holders = fact.field.rpartition(".")[0]
    read = _reader(leaf_of(fact))
    if holders:
        holder = attrgetter(holders)
        return Cell(f".{fact.field}", lambda message: read(holder(message)))
    return Cell(f".{fact.field}", read)


def _reader(field: FieldDescriptor) -> Callable[[Any], str]:
    name = field.name
    get = attrgetter(name)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return lambda _message: ""
    if field.is_repeated:
        return lambda message: "、".join(str(each) for each in get(message))
    if field.type == FieldDescriptor.TYPE_STRING:
        return get
    if field.type == FieldDescriptor.TYPE_ENUM:
        words = {value.number: value.name for value in enum_of(field).values if value.number}
        return lambda message: words.get(get(message)) or (str(get(message)) if get(message) else "")
    if field.type == FieldDescriptor.TYPE_BOOL:
        return lambda message: str(get(message)).lower() if message.HasField(name) else ""
    return lambda message: str(get(message)) if message.HasField(name) else ""
