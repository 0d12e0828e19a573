"""What strict reading yields: scalars that keep their text and place, in plain dicts and lists.

A mapping is a ``dict`` whose reserved key ``"@"`` holds its ``Marks``; a sequence is a ``list``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rules_service.model.diagnostics import Source

__all__ = ["MARK", "Marks", "Node", "Scalar", "source_of", "without_mark"]

MARK = "@"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar exactly as written (never a float or a bool), and where its text begins."""

    text: str
    source: Source

    def __str__(self) -> str:
        return self.text


class Marks(NamedTuple):
    """Where a mapping, its keys and their values stand."""

    source: Source
    keys: dict[str, Source]
    values: dict[str, Source]

    def key(self, name: str) -> Source:
        """The place of a key, or of the mapping where the key is absent."""
        return self.keys.get(name, self.source)

    def value(self, name: str) -> Source:
        """The place of a key's value, or of the mapping where the key is absent."""
        return self.values.get(name, self.source)


# A scalar, list or dict, and in dicts the Marks; recursive, which mypy cannot say here.
Node: TypeAlias = object


def without_mark(node: dict[str, Node]) -> dict[str, Node]:
    """The author's own keys of a mapping."""
    return {key: value for key, value in node.items() if key != MARK}


def source_of(node: Node, fallback: Source) -> Source:
    """Where a node stands, as far as it knows itself."""
    if isinstance(node, Scalar):
        return node.source
    if isinstance(node, dict):
        marks = node.get(MARK)
        return marks.source if isinstance(marks, Marks) else fallback
    if isinstance(node, list) and node:
        return source_of(node[0], fallback)
    return fallback
