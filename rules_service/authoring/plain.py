"""What ruleset documents say, as plain data without places: texts, words of ours, lists and mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from pydantic import BaseModel

from rules_service.model.decision_documents import Minimum
from rules_service.model.fields import Document, Entry
from rules_service.model.nodes import Scalar, without_mark
from rules_service.model.parameter_documents import Operator, ParameterKind, RawValue
from rules_service.values.dates import date_text
from rules_service.values.numbers import fixed_text
from rules_service.values.outcomes import Action, Decision, Outcome, Proof, Severity, ValueSource

__all__ = ["Plain", "Word", "plain"]


class Word(NamedTuple):
    """A word of ours: ``group`` and ``code`` are a key of the texts (``level.RETURN``)."""

    group: str
    code: str


# A text, a word of ours, a tuple of these, or a mapping of them by name; recursive, which mypy cannot say.
Plain: TypeAlias = object

_GROUPS: Final[Mapping[type[Enum], str]] = {
    Action: "action",
    Decision: "decision",
    Operator: "operator",
    Outcome: "outcome",
    Proof: "proof",
    ValueSource: "source",
}
_PLACES: Final = frozenset({"mark", "source"})
_DAYS: Final = frozenset({"effective_from", "effective_to", "days", "workdays"})
_POINTS: Final = frozenset({"max", "total", "each", "once", "at_most", *(one.value for one in Outcome)})


def plain(value: object, name: str = "") -> Plain | None:
    """What a document, a field of that name, or a node of a file says; ``None`` if nothing."""
    for kinds, say in _SAYING:
        if isinstance(value, kinds):
            return say(value, name)
    raise TypeError(type(value).__name__)


def _word(value: Enum | bool) -> Word:
    if isinstance(value, Severity):
        return Word("level", value.name)
    if isinstance(value, bool):
        return Word("flag", "true" if value else "false")
    assert isinstance(value, Enum)
    return Word(_GROUPS.get(type(value), "word"), str(value.value))


def _written(value: RawValue) -> Plain:
    texts = tuple(item.text for item in value.items)
    if value.form == "table":
        return {key.text: text for key, text in zip(value.keys, texts, strict=True)}
    return texts if value.form == "list" else texts[0]


def _fields(document: BaseModel) -> dict[str, Plain]:
    places = _PLACES if not isinstance(document, Document) else frozenset({"mark"})
    said = ((name, getattr(document, name)) for name in type(document).model_fields if name not in places)
    return {name: plain(value, name) for name, value in said if value is not None}


def _several(values: list[object] | tuple[object, ...], name: str) -> Plain:
    if values and all(isinstance(value, Entry) for value in values):
        entries = [value for value in values if isinstance(value, Entry)]
        return {entry.name.text: plain(entry.value, entry.name.text) for entry in entries}
    if values and all(isinstance(value, tuple) and len(value) == 2 for value in values) and name == "tests":
        pairs = [value for value in values if isinstance(value, tuple)]
        return {str(field): plain(allowed, str(field)) for field, allowed in pairs}
    return tuple(plain(value, name) for value in values)


def _number(value: int, name: str) -> str:
    return date_text(value) if name in _DAYS else fixed_text(value) if name in _POINTS else str(value)


# The first that fits says it: words of ours are texts and numbers too, and named tuples are tuples.
_SAYING: Final[tuple[tuple[Any, Callable[[Any, str], Plain | None]], ...]] = (
    (type(None), lambda _value, _name: None),
    ((Enum, bool), lambda value, _name: _word(value)),
    (str, lambda value, _name: value),
    (Scalar, lambda value, _name: value.text),
    (int, _number),
    (Minimum, lambda value, _name: f"≥{value.minimum}"),
    (ParameterKind, lambda value, _name: str(value)),
    (RawValue, lambda value, _name: _written(value)),
    (BaseModel, lambda value, _name: _fields(value)),
    (dict, lambda value, _name: {key: plain(inner, key) for key, inner in without_mark(value).items()}),
    ((list, tuple), _several),
)
