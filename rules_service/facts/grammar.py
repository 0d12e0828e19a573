"""What each field of a request may hold, from the descriptors: shared by the fast and the full check."""

from __future__ import annotations

import unicodedata
from enum import Enum, auto
from functools import cache

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from rules_service.facts.source import parsed_date
from rules_service.pb.budget.rules.v1 import options_pb2
from rules_service.values.numbers import NumberSyntaxError, parse_fixed

__all__ = ["Rule", "has_unique_ids", "identifier_field", "is_clean", "is_date", "is_decimal", "rule_of"]


class Rule(Enum):
    """How one value of a field is checked."""

    NOTHING = auto()
    TEXT = auto()
    IDENTIFIER = auto()
    DECIMAL = auto()
    DATE = auto()
    MONEY = auto()
    YEAR = auto()
    ENUM = auto()
    NOT_HELD = auto()
    MESSAGE = auto()


_FORMATS = {
    options_pb2.TEXT_FORMAT_DECIMAL: Rule.DECIMAL,
    options_pb2.TEXT_FORMAT_DATE: Rule.DATE,
    options_pb2.TEXT_FORMAT_ID: Rule.IDENTIFIER,
}


@cache
def rule_of(field: FieldDescriptor) -> Rule:
    """The rule of a field; money and years are told by their names (``…_fen``, ``…year(s)``)."""
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return Rule.MESSAGE
    if field.type == FieldDescriptor.TYPE_ENUM:
        return Rule.ENUM
    if field.type == FieldDescriptor.TYPE_STRING:
        if field.full_name == "budget.rules.v1.RequestContext.not_held":
            return Rule.NOT_HELD
        rule = field.GetOptions().Extensions[options_pb2.field_rule]
        return _FORMATS.get(rule.format, Rule.TEXT)
    if field.name.endswith("_fen"):
        return Rule.MONEY
    return Rule.YEAR if field.name.removesuffix("s").endswith("year") else Rule.NOTHING


def has_unique_ids(field: FieldDescriptor) -> bool:
    """Whether the identifiers of a list's elements must differ."""
    return bool(field.GetOptions().Extensions[options_pb2.field_rule].unique_ids)


def identifier_field(message: Descriptor) -> str:
    """The field that identifies an element: its first."""
    return str(message.fields_by_number[1].name)


def is_decimal(text: str) -> bool:
    """Whether a text follows the grammar of numbers."""
    try:
        parse_fixed(text)
    except NumberSyntaxError:
        return False
    return True


def is_date(text: str) -> bool:
    """Whether a text is an existing day or month."""
    return parsed_date(text) is not None


def is_clean(text: str) -> bool:
    """Whether an identifier is free of control characters and line separators."""
    return text.isprintable() or not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in text)
