"""Expenditure standards: which rows apply to a cost item, and which of them bind.

A standard applies by its code and name, by the day, and by place, grade, season and specification.  The most
specific one wins; where that cannot be told the answer says what is missing, never the first that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rules_service.facts.memo import Memo
from rules_service.facts.missing import Absent, because
from rules_service.facts.standard_matching import (
    PricedItem,
    Standard,
    by_grade,
    by_season,
    by_spec,
    named,
    place_name,
)
from rules_service.facts.text import normalise
from rules_service.model.diagnostics import Source
from rules_service.model.standard_rows import PRICE_KINDS, StandardRow
from rules_service.values.outcomes import MissingReason, Proof

__all__ = [
    "AMBIGUOUS",
    "NO_STANDARD",
    "STALE",
    "Aspect",
    "Search",
    "Standards",
    "Wanted",
    "any_of",
    "binding",
    "hard",
    "reference",
]

Wanted = Callable[[Standard], bool]
"""Which standards are looked for: ``hard``, ``reference``, ``binding``, ``any_of``."""

_DAYS_REMEMBERED = 10_000  # of an aspect, a code, a rule date and what is wanted
# Told apart by identity: both are the same reason at the same field.
AMBIGUOUS: Final = Absent(MissingReason.STANDARD_UNCERTAIN, "item.item_code")
"""Several standards fit equally well."""
STALE: Final = Absent(MissingReason.STANDARD_UNCERTAIN, "item.item_code")
"""The standard that fits is over, or not yet in force when the fiscal year begins."""


class Aspect(StrEnum):
    """What a standard limits."""

    PRICE = "PRICE"
    PART = "PART"
    FLOOR = "FLOOR"
    QUANTITY = "QUANTITY"
    SERVICE = "SERVICE"
    UNIT_COST = "UNIT_COST"
    DAYS = "DAYS"
    HEADCOUNT = "HEADCOUNT"
    TIER = "TIER"


_NO_ROW = StandardRow(
    *("", "", "", "", None, "", "", (), "", "", "", None, "", None, None, "", "", ""),
    proof=Proof.MEMORY,
    notes="",
    source=Source("", 1, 1),
)
NO_STANDARD: Final = Standard.of(_NO_ROW, 0, frozenset())
"""Stands for “none applies” where ``None`` would mean “not known”."""


def hard(standard: Standard) -> bool:
    """Whether it is a hard limit."""
    return standard.is_hard


def reference(standard: Standard) -> bool:
    """Whether it is a reference only."""
    return not standard.is_hard


def any_of(_standard: Standard) -> bool:
    """Every standard."""
    return True


def binding(standard: Standard) -> bool:
    """Whether it is for the units of the place, well established or not."""
    return standard.binds


Found = Standard | Absent | None


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What the standards of an item are looked for by: the item, the rule date, the fiscal year's first day.

    ``item`` is ``None`` for one without a code: it asks for no standard.  ``known`` remembers what was found,
    since many facts of one item ask for the same.
    """

    item: PricedItem | None
    day: int = 0
    year_start: int | None = None
    known: dict[tuple[Aspect, Wanted], Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Standards of one aspect and code, of those wanted, in force on a day or over before it."""

    everywhere: tuple[Standard, ...]
    by_place: Mapping[str, tuple[Standard, ...]]
    differ: bool
    """Whether standards of the code are of different items, so that the name must tell them apart."""

    @classmethod
    def of(cls, found: Iterable[Standard], among: Iterable[Standard]) -> _Pool:
        """The pool of standards found; all those ``among`` which they stand must be told apart."""
        everywhere: list[Standard] = []
        by_place: dict[str, list[Standard]] = {}
        for each in found:
            if not each.places:
                everywhere.append(each)
            for place in each.places:
                by_place.setdefault(place, []).append(each)
        placed = {place: tuple(rows) for place, rows in by_place.items()}
        return cls(tuple(everywhere), placed, len({each.row.item for each in among}) > 1)

    @property
    def all(self) -> Iterable[Standard]:
        """Each of them once."""
        return dict.fromkeys([*self.everywhere, *(each for rows in self.by_place.values() for each in rows)])

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self.everywhere and not self.by_place


class Standards:
    """The standards of a region chain, ``layers`` from the root down.

    A row is found by ``item_code``: its item, its category or its identifier.  Examples (scope project) are
    left out, and so are parts whose whole is not there.  ``bound`` are the ``applies_to`` (working copies)
    whose rows bind the units of the place, ``None``: all.  ``lineage``: by the name of a place the names of
    the places that it lies in, the nearest first, its own before them.
    """

    def __init__(
        self,
        layers: Sequence[Iterable[StandardRow]] = (),
        bound: frozenset[str] | None = None,
        lineage: Mapping[str, Sequence[frozenset[str]]] | None = None,
    ) -> None:
        self._lineage = lineage or {}
        self._by_code: dict[tuple[Aspect, str], list[Standard]] = {}
        self.by_id: dict[str, Standard] = {}
        """By identifier, of the lowest layer that has it."""
        codes: dict[str, set[str]] = {}
        of_category: list[tuple[Aspect, Standard]] = []
        for depth, layer in enumerate(layers):
            rows = [row for row in layer if row.scope == "general"]
            self.by_id |= {row.standard_id: Standard.of(row, depth, bound) for row in rows if not row.part_of}
            for row in rows:
                standard = self.by_id.get(row.standard_id) if not row.part_of else None
                if row.part_of:
                    whole = self.by_id.get(row.part_of)
                    if whole is None:
                        continue
                    standard = self.by_id[row.standard_id] = Standard.of(row, depth, bound, whole)
                assert standard is not None
                category = normalise(row.category)
                for aspect in _aspects(row):
                    if row.is_of_category:
                        of_category.append((aspect, standard))
                        continue
                    codes.setdefault(category, set()).update(standard.codes)
                    for code in standard.codes | {category}:
                        self._by_code.setdefault((aspect, code), []).append(standard)
        for aspect, standard in of_category:
            category = normalise(standard.row.category)
            for code in {category} | standard.codes | codes.get(category, set()):
                self._by_code.setdefault((aspect, code), []).append(standard)
        # Asked by codes of the rows only, so nothing of a request stays in it.
        self._in_force = Memo(self._of_day, _DAYS_REMEMBERED)
        self._over = Memo(self._over_on_day, _DAYS_REMEMBERED)

    def find(self, aspect: Aspect, search: Search, wanted: Wanted) -> Found:
        """The standard of an aspect for an item, of those ``wanted``; ``None`` if there is none.

        ``Absent`` where a field that would decide is missing, where several fit equally well, where the
        only one that fits is over, or the chosen one is not in force on the first day of the fiscal year.
        """
        item = search.item
        if item is None or (aspect, item.code) not in self._by_code:
            return None
        asked = (aspect, wanted)
        if asked not in search.known:
            search.known[asked] = self._find(aspect, item, search, wanted)
        return search.known[asked]

    def _find(self, aspect: Aspect, item: PricedItem, search: Search, wanted: Wanted) -> Found:
        if aspect is Aspect.PRICE and self._is_part(item, search.day):
            return None
        found = self._choose(self._in_force[aspect, item.code, search.day, wanted], aspect, item)
        if found is None:
            over = self._choose(self._over[aspect, item.code, search.day, wanted], aspect, item)
            return None if over is None else STALE
        start = search.year_start
        if isinstance(found, Standard) and start is not None and not found.row.in_force(start):
            return STALE
        return found

    def tiers(self, search: Search) -> tuple[Standard, ...] | Absent:
        """The factors that bind on what lies above certain numbers, from the lowest up."""
        item = search.item
        if item is None or (Aspect.TIER, item.code) not in self._by_code:
            return ()
        pool = self._in_force[Aspect.TIER, item.code, search.day, binding]
        found = self._fitting(pool, Aspect.TIER, item)
        if isinstance(found, Absent):
            return found
        chosen: dict[int, Standard] = {}
        for each in sorted(found, key=lambda one: self.rank(one, item)):
            assert each.row.tier_above is not None
            chosen[each.row.tier_above] = each
        return tuple(chosen[above] for above in sorted(chosen))

    def closeness(self, standard: Standard, item: PricedItem) -> int:
        """How near a standard's place is to the item's: 0 the very place, then lower; lowest without one."""
        if not standard.places or item.place is None:
            return -1000
        line = self._line(item.place)
        return -next((steps for steps, names_ in enumerate(line) if names_ & standard.places), len(line))

    def rank(self, standard: Standard, item: PricedItem) -> tuple[int, int, bool, bool, bool]:
        """How specific a standard is for an item: its layer, then place, grade, season, specification."""
        place = self.closeness(standard, item)
        return (standard.layer, place, bool(standard.grades), bool(standard.season), bool(standard.spec))

    def _choose(self, pool: _Pool, aspect: Aspect, item: PricedItem) -> Found:
        if pool.is_empty:
            return None
        found = self._fitting(pool, aspect, item)
        return found if isinstance(found, Absent) else self._most_specific(found, item)

    def _fitting(self, pool: _Pool, aspect: Aspect, item: PricedItem) -> list[Standard] | Absent:
        """The standards that fit an item, or the field that is missing."""
        if item.place is None:
            found = list(pool.all)
        else:
            places = frozenset().union(*self._line(item.place))
            nearby = (each for place in sorted(places) for each in pool.by_place.get(place, ()))
            around = dict.fromkeys([*pool.everywhere, *nearby])
            found = [each for each in around if not each.except_places & places]
        if aspect is Aspect.PART or pool.differ:
            found = named(found, item)
        found = list(by_spec(found, item))
        if item.place is None and any(each.places or each.except_places for each in found):
            return because("place_code")
        for choose in (by_grade, by_season):
            chosen = choose(found, item)
            if isinstance(chosen, str):
                return because(chosen)
            found = list(chosen)
        return found

    def _most_specific(self, found: Sequence[Standard], item: PricedItem) -> Found:
        """The most specific one; equally specific ones must say the same."""
        if len(found) < 2:
            return found[0] if found else None
        ranks = [self.rank(each, item) for each in found]
        best = [each for each, rank in zip(found, ranks, strict=True) if rank == max(ranks)]
        if len({_content(each) for each in best}) > 1:
            return AMBIGUOUS
        return min(best, key=lambda each: each.standard_id)

    def _is_part(self, item: PricedItem, day: int) -> bool:
        """Whether an item is a part of a composite by its name."""
        if (Aspect.PART, item.code) not in self._by_code:
            return False
        return bool(named(self._in_force[Aspect.PART, item.code, day, any_of].all, item))

    def _line(self, place: str) -> Sequence[frozenset[str]]:
        name = place_name(place)
        return self._lineage.get(name) or (frozenset({name}),)

    def _of_day(self, key: tuple[Aspect, str, int, Wanted]) -> _Pool:
        aspect, code, day, wanted = key
        present = [each for each in self._by_code[aspect, code] if each.row.in_force(day)]
        return _Pool.of(filter(wanted, present), present)

    def _over_on_day(self, key: tuple[Aspect, str, int, Wanted]) -> _Pool:
        aspect, code, day, wanted = key
        known = self._by_code[aspect, code]
        # One that is over must be told from the items that are still there.
        return _Pool.of((each for each in known if each.row.is_over(day) and wanted(each)), known)


def _content(standard: Standard) -> tuple[object, ...]:
    row = standard.row
    return (
        *(row.limit_kind, row.value, row.value_to, row.unit, standard.is_hard, row.part_of),
        *(row.quantity, row.min_service_years, row.service_operator, row.tier_unit, row.tier_above),
    )


def _aspects(row: StandardRow) -> Iterable[Aspect]:
    """What a row limits."""
    if row.limit_kind in PRICE_KINDS and row.value is not None:
        yield Aspect.PART if row.part_of else Aspect.PRICE
    elif row.limit_kind == "FACTOR":
        if row.tier_above is not None:
            yield Aspect.TIER
    elif row.limit_kind in {"FLOOR", "UNIT_COST", "DAYS", "HEADCOUNT"}:
        yield Aspect(row.limit_kind)
    if row.quantity is not None:
        yield Aspect.QUANTITY
    if row.min_service_years is not None:
        yield Aspect.SERVICE
