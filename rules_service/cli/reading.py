"""Reads requests and records from JSON files, strictly: nothing is dropped, rounded or guessed.

The files hold the JSON form of protobuf messages: one object, a list of objects, or one object a line. What
JSON alone would let through is refused with its place: duplicate keys, numbers with a point or an exponent
(the contract has none: decimals are texts), NaN, integers beyond 64 bits, deep nesting, great size.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from rules_service.cli.exits import Exit, Problem

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Item", "read_documents", "to_message"]

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 32
_MAX_DIGITS = 19
_LINE_SUFFIXES = (".jsonl", ".ndjson")

_Message = TypeVar("_Message", bound=Message)


class Item(NamedTuple):
    """One document of a file; ``place`` is how people find it: file, and element or line."""

    place: str
    document: dict[str, Any]


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


def read_documents(name: str) -> Iterator[Item]:
    """The documents of the file ``name`` (``-`` is standard input); raises ``Problem``."""
    text = _text(name)
    by_line = name.endswith(_LINE_SUFFIXES)
    if not by_line:
        try:
            document = _parse(text, name)
        except _ExtraDataError:
            by_line = True
        else:
            if isinstance(document, list):
                for number, element in enumerate(document):
                    yield _item(f"{name}[{number}]", element)
            else:
                yield _item(name, document)
            return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                document = _parse(line, f"{name}:{number}")
            except _ExtraDataError:
                raise Problem(Exit.INVALID, "input.extra", place=f"{name}:{number}") from None
            yield _item(f"{name}:{number}", document)


class _ExtraDataError(Exception):
    """More text follows the first document."""


def _text(name: str) -> str:
    if name == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        try:
            with Path(name).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise Problem(Exit.INVALID, "input.unreadable", place=name, why=error.strerror) from None
    if len(data) > MAX_BYTES:
        raise Problem(Exit.INVALID, "input.large", place=name, limit=MAX_BYTES // (1024 * 1024))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(Exit.INVALID, "input.utf8", place=name, offset=error.start) from None


def _parse(text: str, place: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _ExtraDataError from None
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise Problem(Exit.INVALID, "input.json", place=place, **where) from None
    except RecursionError:
        raise Problem(Exit.INVALID, "input.deep", place=place, limit=MAX_DEPTH) from None


def _item(place: str, document: Any) -> Item:
    if not isinstance(document, dict):
        raise Problem(Exit.INVALID, "input.not_object", place=place)
    open_: list[tuple[str, Any, int]] = [("", document, 1)]
    while open_:
        path, value, depth = open_.pop()
        if depth > MAX_DEPTH:
            raise Problem(Exit.INVALID, "input.deep", place=place, limit=MAX_DEPTH)
        if isinstance(value, _Object):
            if value.repeated:
                raise Problem(
                    Exit.INVALID, "input.repeated", place=place, path=path or ".", key=value.repeated[0]
                )
            open_.extend((f"{path}.{key}".lstrip("."), inner, depth + 1) for key, inner in value.items())
        elif isinstance(value, list):
            open_.extend((f"{path}[{number}]", inner, depth + 1) for number, inner in enumerate(value))
        elif isinstance(value, _NoNumber):
            raise Problem(Exit.INVALID, "input.number", place=place, path=path, number=str(value)[:40])
    return Item(place, document)


def to_message(kind: type[_Message], item: Item) -> _Message:
    """The message that a document stands for; raises ``Problem`` for unknown fields and wrong types."""
    try:
        return json_format.ParseDict(item.document, kind())
    except (json_format.ParseError, ValueError, TypeError, RecursionError) as error:
        why = str(error).split(" Available Fields")[0][:300]
        name = kind.DESCRIPTOR.name
        raise Problem(Exit.INVALID, "input.message", place=item.place, message=name, why=why) from None
