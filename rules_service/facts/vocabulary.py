"""The codes that a place uses: accepted spellings and the word that rules compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules_service.facts.text import normalise

__all__ = ["ContentSet", "IndicatorTree", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The codes of one field; ``spellings`` maps the working copy of each accepted spelling to its code."""

    codes: frozenset[str]
    spellings: Mapping[str, str]

    @staticmethod
    def of(values: Iterable[tuple[str, Iterable[str]]]) -> Vocabulary:
        """From pairs of a code and its other spellings; a code itself wins over another's alias."""
        pairs = [(code, tuple(aliases)) for code, aliases in values]
        spellings = {normalise(alias): code for code, aliases in reversed(pairs) for alias in aliases}
        spellings |= {normalise(code): code for code, _ in pairs}
        spellings.pop("", None)
        return Vocabulary(frozenset(code for code, _ in pairs), spellings)

    def read(self, raw: str) -> str | None:
        """The code meant by ``raw``, ``None`` if it is blank or unknown."""
        return self.spellings.get(normalise(raw))


@dataclass(frozen=True, slots=True)
class IndicatorTree:
    """One version of the indicator tree: for each level-1 code its level-2 codes.

    A level-1 code without children takes any level-2 code.  ``scopes`` are the kinds of goals (words of
    ``goal.scope``) that stand on this version from the day ``since`` if they name none; ``None``: never.
    """

    children: Mapping[str, frozenset[str]]
    scopes: frozenset[str] = frozenset()
    since: int | None = None

    def in_force(self, scope: str, day: int) -> bool:
        """Whether goals of this kind have stood on this version by ``day``."""
        return self.since is not None and self.since <= day and scope in self.scopes

    def misplaced(self, level1: str, level2: str) -> bool:
        """Whether ``level2`` is not a child of ``level1``; an unknown level 1 misplaces all below it."""
        allowed = self.children.get(level1)
        return allowed is None or (bool(allowed) and level2 not in allowed)


@dataclass(frozen=True, slots=True)
class ContentSet:
    """What an ex-ante evaluation has to cover, and how many items there are under it; 0 if none is stated."""

    contents: tuple[str, ...]
    items: int = 0
