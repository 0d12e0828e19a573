"""The cell of the request that a fact stands in, and what was sent there."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from rules_service.facts.reading import Reader
from rules_service.model.catalogue import Catalogue

__all__ = ["cell"]


def cell(reader: Reader, name: str, indices: tuple[int, ...]) -> tuple[str, str]:
    """Path and raw text; the text is "" for what was not sent, and for records and lists of records.

    Integers (money in 分) show as sent; an enum shows its word in the contract; a list of texts is
    joined by “、”.  The cell of a computed fact is its field's.
    """
    fact = Catalogue.load()[name]
    message = reader.message(fact.subject, indices)
    *holders, leaf = fact.field.split(".")
    for step in holders:
        message = getattr(message, step)
    path = reader.field_path(fact, indices)
    return path, "" if message is None else _raw(message, leaf)


def _raw(message: Any, leaf: str) -> str:
    field = message.DESCRIPTOR.fields_by_name[leaf]
    value = getattr(message, leaf)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return ""
    if field.is_repeated:
        return "、".join(str(each) for each in value)
    if field.type == FieldDescriptor.TYPE_STRING:
        return str(value)
    if field.type == FieldDescriptor.TYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        return "" if not value else known.name if known is not None else str(value)
    if not message.HasField(leaf):
        return ""
    return str(value).lower() if field.type == FieldDescriptor.TYPE_BOOL else str(value)
