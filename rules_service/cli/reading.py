"""Reads requests and records from JSON files: one object, a list of objects, or one object a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message

from rules_service.authoring import request_text
from rules_service.authoring.request_text import MAX_DEPTH, ExtraDataError, Item, RequestTextError
from rules_service.cli.exits import Exit, Problem

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Item", "read_documents", "to_message"]

MAX_BYTES = 64 * 1024 * 1024
_LINE_SUFFIXES = (".jsonl", ".ndjson")

_Message = TypeVar("_Message", bound=Message)


def read_documents(name: str) -> Iterator[Item]:
    """The documents of the file ``name`` (``-`` is standard input); raises ``Problem``."""
    try:
        yield from _documents(name)
    except RequestTextError as error:
        raise Problem(Exit.INVALID, error.key, **error.values) from None


def _documents(name: str) -> Iterator[Item]:
    text = _text(name)
    by_line = name.endswith(_LINE_SUFFIXES)
    if not by_line:
        try:
            document = request_text.parse(text, name)
        except ExtraDataError:
            by_line = True
        else:
            if isinstance(document, list):
                for number, element in enumerate(document):
                    yield request_text.item_of(f"{name}[{number}]", element)
            else:
                yield request_text.item_of(name, document)
            return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{name}:{number}"
            try:
                document = request_text.parse(line, place)
            except ExtraDataError:
                raise RequestTextError("input.extra", place=place) from None
            yield request_text.item_of(place, document)


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


def to_message(kind: type[_Message], item: Item) -> _Message:
    """The message that a document stands for; raises ``Problem`` for unknown fields and wrong types."""
    try:
        return request_text.to_message(kind, item)
    except RequestTextError as error:
        raise Problem(Exit.INVALID, error.key, **error.values) from None
