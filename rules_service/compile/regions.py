"""The parent table of regions: chains from the root to a region, never by code prefix."""

from __future__ import annotations

from collections.abc import Iterable

from rules_service.compile.texts import collector
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.vocabulary_documents import RegionDocument

__all__ = ["RegionTable", "check_regions"]


class RegionTable:
    """Regions by code, name and alias, each with its chain."""

    def __init__(self, regions: Iterable[RegionDocument]) -> None:
        self._by_code: dict[str, RegionDocument] = {}
        self._codes: dict[str, str] = {}
        for region in regions:
            self._by_code.setdefault(region.code, region)
            for name in (region.code, *region.aliases, region.name.zh.text):
                self._codes.setdefault(name, region.code)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.resolve(name) is not None

    def codes(self) -> tuple[str, ...]:
        """All region codes in file order."""
        return tuple(self._by_code)

    def documents(self) -> tuple[RegionDocument, ...]:
        """All regions in file order."""
        return tuple(self._by_code.values())

    def resolve(self, name: str) -> str | None:
        """The code of a region given by code, alias or full Chinese name."""
        return self._codes.get(name.strip())

    def chain(self, code: str) -> tuple[str, ...]:
        """The codes from the root to ``code``; ``KeyError`` for an unknown code."""
        chain: list[str] = []
        current: str | None = code
        while current is not None and current not in chain:
            chain.append(current)
            current = self._by_code[current].parent
        return tuple(reversed(chain))


def check_regions(regions: Iterable[RegionDocument], root: str) -> list[Diagnostic]:
    """Faults of a parent table: unknown parents, cycles, names that mean two regions, a second root."""
    found = collector()
    documents = list(regions)
    owners: dict[str, str] = {}
    for region in documents:
        for name in dict.fromkeys((region.code, *region.aliases, region.name.zh.text)):
            other = owners.setdefault(name, region.code)
            if other != region.code or (name == region.code and _count(documents, name) > 1):
                found.add("REGION-NAME-TWICE", region.mark.source, name=name, other=other)
    known = {region.code: region for region in documents}
    if root not in known:
        place = documents[0].mark.source if documents else None
        if place is not None:
            found.add("REGION-NO-ROOT", place, root=root)
    for region in documents:
        if (region.parent is None) != (region.code == root):
            found.add("REGION-ROOT", region.mark.source, name=region.code, root=root)
        elif region.parent is not None and region.parent not in known:
            found.add("REGION-PARENT", region.mark.value("parent"), name=region.code, parent=region.parent)
        elif _in_cycle(region, known):
            found.add(
                "REGION-CYCLE", region.mark.value("parent"), name=region.code, circle=_circle(region, known)
            )
    return found.in_order()


def _count(documents: list[RegionDocument], code: str) -> int:
    return sum(document.code == code for document in documents)


def _circle(region: RegionDocument, known: dict[str, RegionDocument]) -> str:
    """The regions of a circle, from one round to itself."""
    names = [region.code]
    while len(names) == 1 or names[-1] != region.code:
        names.append(known[names[-1]].parent or "")
    return " → ".join(names)


def _in_cycle(region: RegionDocument, known: dict[str, RegionDocument]) -> bool:
    seen = {region.code}
    current = known.get(region.parent or "")
    while current is not None:
        if current.code in seen:
            return current.code == region.code
        seen.add(current.code)
        current = known.get(current.parent or "")
    return False
