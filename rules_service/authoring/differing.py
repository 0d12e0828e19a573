"""Writes a request as what it has other than a base, in the form of rule tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rules_service.facts.fields import enum_of
from rules_service.facts.source import Request

__all__ = ["document_of", "flow", "leaves", "over"]

_BARE: Final = re.compile(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff.\-]*(?: [\w\u4e00-\u9fff.\-]+)*")
_SPECIAL: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off"})


def document_of(request: Request) -> dict[str, Any]:
    """A request as a document: fields by their names in the contract."""
    return dict(json_format.MessageToDict(request, preserving_proto_field_name=True))


def over(base: Mapping[str, Any], document: Mapping[str, Any], kind: Descriptor) -> dict[str, Any] | None:
    """What must be written over a base to get a document; ``None`` where something would have to go."""
    found: dict[str, Any] = {}
    for name in base.keys() - document.keys():
        field = kind.fields_by_name[name]
        if field.is_repeated:
            found[name] = []
        elif field.message_type is not None or field.has_presence:
            return None
        else:
            found[name] = _nothing(field)
    for name, value in document.items():
        own = base.get(name)
        field = kind.fields_by_name[name]
        if value == own:
            continue
        if isinstance(own, dict) and isinstance(value, dict) and field.message_type is not None:
            inner = over(own, value, field.message_type)
            if inner is None:
                return None
            found[name] = inner
        else:
            found[name] = value
    return {field.name: found[field.name] for field in kind.fields if field.name in found}


def _nothing(field: FieldDescriptor) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM:
        return enum_of(field).values_by_number[0].name
    return {FieldDescriptor.TYPE_STRING: "", FieldDescriptor.TYPE_BOOL: False}.get(field.type, 0)


def leaves(document: Any) -> int:
    """How much there is to read in a document."""
    if isinstance(document, dict):
        return sum(map(leaves, document.values())) or 1
    if isinstance(document, list):
        return sum(map(leaves, document)) or 1
    return 1


def flow(value: Any) -> str:
    """A document in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    bare = _BARE.fullmatch(text) and text.lower() not in _SPECIAL
    return text if bare else json.dumps(text, ensure_ascii=False)
