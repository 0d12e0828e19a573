"""One request or record of a JSON text, read strictly: nothing is dropped, rounded or guessed.

The text is the JSON form of protobuf messages. What JSON alone would let through is refused with its place:
duplicate keys, numbers with a point or an exponent (the contract has none: decimals are texts), NaN, integers
beyond 64 bits, deep nesting.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

__all__ = [
    "MAX_DEPTH",
    "ExtraDataError",
    "Item",
    "RequestTextError",
    "item_of",
    "parse",
    "spans",
    "to_message",
]

MAX_DEPTH = 32
_MAX_DIGITS = 19

_Message = TypeVar("_Message", bound=Message)


class RequestTextError(ValueError):
    """A text that is no request; ``key`` and ``values`` make the text for people (``input.json``)."""

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class Item(NamedTuple):
    """One document of a file; ``place`` is how people find it: file, and element or line."""

    place: str
    document: dict[str, Any]


class ExtraDataError(Exception):
    """More text follows the first document."""


class _Object(dict[str, Any]):
    """A JSON object that remembers the keys it held twice."""

    repeated: tuple[str, ...] = ()


class _NoNumber(str):
    """The text of a number that the contract cannot hold."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.repeated = tuple(key for key, count in counts.items() if count > 1)
    return made


def _integer(text: str) -> int | _NoNumber:
    return int(text) if len(text.lstrip("-")) <= _MAX_DIGITS else _NoNumber(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_NoNumber, parse_constant=_NoNumber, parse_int=_integer
)


def parse(text: str, place: str) -> Any:
    """The JSON value of a text; raises ``RequestTextError``, and ``ExtraDataError`` if more follows it."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise ExtraDataError from None
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise RequestTextError("input.json", place=place, **where) from None
    except RecursionError:
        raise RequestTextError("input.deep", place=place, limit=MAX_DEPTH) from None


def spans(text: str, place: str) -> Iterator[str]:
    """The texts of the elements of a JSON list, or the text itself; raises as ``parse``."""
    value = parse(text, place)
    if not isinstance(value, list):
        yield text
        return
    at = text.index("[") + 1
    for _ in value:
        while text[at] in " \t\n\r,":
            at += 1
        end = _DECODER.raw_decode(text, at)[1]
        yield text[at:end]
        at = end


def item_of(place: str, document: Any) -> Item:
    """The document as an object; raises ``RequestTextError``."""
    if not isinstance(document, dict):
        raise RequestTextError("input.not_object", place=place)
    open_: list[tuple[str, Any, int]] = [("", document, 1)]
    while open_:
        path, value, depth = open_.pop()
        if depth > MAX_DEPTH:
            raise RequestTextError("input.deep", place=place, limit=MAX_DEPTH)
        if isinstance(value, _Object):
            if value.repeated:
                raise RequestTextError("input.repeated", place=place, path=path or ".", key=value.repeated[0])
            open_.extend((f"{path}.{key}".lstrip("."), inner, depth + 1) for key, inner in value.items())
        elif isinstance(value, list):
            open_.extend((f"{path}[{number}]", inner, depth + 1) for number, inner in enumerate(value))
        elif isinstance(value, _NoNumber):
            raise RequestTextError("input.number", place=place, path=path, number=str(value)[:40])
    return Item(place, document)


def to_message(kind: type[_Message], item: Item) -> _Message:
    """The message that a document stands for; ``RequestTextError`` for unknown fields and wrong types."""
    try:
        return json_format.ParseDict(item.document, kind())
    except (json_format.ParseError, ValueError, TypeError, RecursionError) as error:
        why = str(error).split(" Available Fields")[0][:300]
        name = kind.DESCRIPTOR.name
        raise RequestTextError("input.message", place=item.place, message=name, why=why) from None
