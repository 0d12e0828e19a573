"""Small changes of a parameter's value: one smallest step, the other comparison, another word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from rules_service.compile.parameters import Dated
from rules_service.model.parameter_documents import ParameterDocument

__all__ = ["value_edits"]

_OPERATORS: Final[Mapping[str, str]] = {"GT": "GE", "GE": "GT", "LT": "LE", "LE": "LT"}
# One 分, 0.01 个百分点, 0.01, one, one day.
_STEPS: Final[Mapping[str, int]] = {
    "money": 1,
    "rate": 10**8,
    "points": 10**8,
    "quantity": 10**10,
    "score": 10**10,
    "count": 1,
    "date": 1,
}


def value_edits(
    document: ParameterDocument, dated: Dated, words: frozenset[str]
) -> Iterator[tuple[str, Dated]]:
    """What is changed, and the changed value; ``words`` are those that a limited parameter may hold."""
    kind, value = document.kind.kind, dated.value
    if kind in _STEPS:
        for sign, step in (("−", -_STEPS[kind]), ("+", _STEPS[kind])):
            yield f"{dated.text} {sign} one step", replace(dated, value=value + step)
    elif kind == "boolean":
        yield f"{dated.text} → {str(not value).lower()}", replace(dated, value=not value)
    elif kind == "list":
        yield from _shorter(dated, value)
    elif kind == "code":
        for word in sorted(words - {value}):
            yield f"{dated.text} → {word}", replace(dated, value=word, text=word)
    operator = dated.operator or ""
    if operator in _OPERATORS:
        other = _OPERATORS[operator]
        yield f"{operator} → {other}", replace(dated, operator=other)


def _shorter(dated: Dated, value: tuple[Any, ...]) -> Iterator[tuple[str, Dated]]:
    for position, word in enumerate(value):
        yield f"{word} removed", replace(dated, value=value[:position] + value[position + 1 :])
