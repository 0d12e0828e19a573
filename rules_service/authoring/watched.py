"""A context of facts that notes which parts of it are read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from rules_service.facts.context import FactContext
from rules_service.facts.extract import Extractor
from rules_service.language.layout import Layout

__all__ = ["Watched", "watched_extractor"]


class Watched(FactContext):
    """A context whose parts are those of another; ``read`` names what was asked for, of all such contexts."""

    __slots__ = ()
    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        Watched.read.add(name)
        return super().__getattribute__(name)


def watched_extractor(layout: Layout, context: FactContext) -> Extractor:
    """An extractor that reads facts by a watched context; what it reads before any request is not noted."""
    watched = Watched(**{part.name: getattr(context, part.name) for part in fields(context)})
    before = frozenset(Watched.read)
    extractor = Extractor(layout, watched)
    Watched.read.intersection_update(before)
    return extractor
