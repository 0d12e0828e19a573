"""A context of facts that notes which parts of it, and which rows of its tables, are used."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from rules_service.facts.context import FactContext
from rules_service.facts.extract import Extractor
from rules_service.facts.standard_matching import Standard
from rules_service.language.layout import Layout

__all__ = ["PLACEHOLDERS", "STANDARDS", "VAGUE_TERMS", "Row", "Watched", "watched_extractor"]

Row = tuple[str, str]
"""A table (a vocabulary by the name of its fact, a decision table as ``table.x``), and what names a row."""

STANDARDS, PLACEHOLDERS, VAGUE_TERMS = "standards", "placeholders", "vague_terms"


class Watched(FactContext):
    """A context whose parts are those of another.

    Of all such contexts ``read`` names the parts that were asked for, ``rows`` the rows that answered.
    """

    __slots__ = ()
    read: ClassVar[set[str]] = set()
    rows: ClassVar[set[Row]] = set()

    def __getattribute__(self, name: str) -> Any:
        Watched.read.add(name)
        found = super().__getattribute__(name)
        if name == "standards":
            return _Standards(found)
        return _Vague(found) if name == "vague" else found

    def code(self, name: str, raw: str) -> str | None:
        """As in ``FactContext``."""
        found = super().code(name, raw)
        if found is not None and name in self.vocabularies:
            Watched.rows.add((name, found))
        return found

    def is_placeholder(self, text: str) -> bool:
        """As in ``FactContext``."""
        found = super().is_placeholder(text)
        Watched.rows.update((PLACEHOLDERS, one) for one in self.placeholders if found and one in text)
        return found


class _Standards:
    """Stands for standards, and notes those that are found."""

    def __init__(self, standards: Any) -> None:
        self._standards = standards

    def __getattr__(self, name: str) -> Any:
        return getattr(self._standards, name)

    def find(self, *asked: Any) -> Any:
        """As in ``Standards``."""
        found = self._standards.find(*asked)
        if isinstance(found, Standard):
            Watched.rows.add((STANDARDS, found.row.standard_id))
        return found

    def tiers(self, search: Any) -> Any:
        """As in ``Standards``."""
        found = self._standards.tiers(search)
        if isinstance(found, tuple):
            Watched.rows.update((STANDARDS, one.row.standard_id) for one in found)
        return found


class _Vague:
    """Stands for a list of vague terms, and notes those that are found."""

    def __init__(self, terms: Any) -> None:
        self._terms = terms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terms, name)

    def read(self, raw: str) -> Any:
        """As in ``VagueList``."""
        found = self._terms.read(raw)
        Watched.rows.update((VAGUE_TERMS, hit.term) for hit in found.hits)
        return found


def watched_extractor(layout: Layout, context: FactContext) -> Extractor:
    """An extractor that reads facts by a watched context; what it reads before any request is not noted."""
    watched = Watched(**{part.name: getattr(context, part.name) for part in fields(context)})
    before = frozenset(Watched.read)
    extractor = Extractor(layout, watched)
    Watched.read.intersection_update(before)
    return extractor
