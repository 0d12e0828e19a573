"""Expenditure standards: which row applies to a cost item on a day, and whether it is a hard cap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.model.diagnostics import Source
from rules_service.model.standard_rows import StandardRow
from rules_service.values.outcomes import MissingReason, Proof

__all__ = ["PricedItem", "Standard", "Standards"]

_PARTS = ("-LODGE", "-MEAL", "-VENUE", "-OTHER")
_WHOLE = "-TOTAL"
_BRACKETS = re.compile(r"\([^()]*\)")
_EVERYWHERE = frozenset({"", "全国"})
_EVERYONE = frozenset({"", "全部"})
_PEAK, _OFF_PEAK = "旺季", "旺季以外"
_OFF_PEAK_WORDS = frozenset({"旺季以外", "非旺季", "淡季", "平季"})
_PLACE_ENDINGS = ("市", "省")
# What a standard is chosen by, with the field to ask for where candidates differ in it.
_PLACE, _GRADE, _SEASON = "place_code", "personnel_grade", "season"


@dataclass(frozen=True, slots=True)
class PricedItem:
    """What of a cost item chooses its standard; working copies, ``None`` for what is missing."""

    code: str
    name: str
    spec: str
    place: str | None
    grade: str | None
    meeting_class: str | None
    season: str | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A price cap, ready to match.  ``limit`` is yuan × 10¹² for ``unit``; ``layer`` counts from the root."""

    standard_id: str
    limit: int
    unit: str
    is_hard: bool
    layer: int
    row: StandardRow
    items: tuple[str, ...]
    places: frozenset[str]
    grades: tuple[str, ...]
    season: str


_NO_ROW = StandardRow(
    *("", "", "", "", None, "", "", (), "", "", "", None, "", None, None, "", "", ""),
    proof=Proof.MEMORY,
    notes="",
    source=Source("", 1, 1),
)
NO_STANDARD = Standard("", 0, "", False, 0, _NO_ROW, (), frozenset(), (), "")
"""Stands for “none applies” where ``None`` would mean “not known”."""


class Standards:
    """The price caps of a region chain.

    A row is found by ``item_code``: its item, its category, its identifier, or a spelling in
    ``aliases`` (spelling → item or category).  FLOOR, FACTOR, DAYS and HEADCOUNT rows, parts of a
    composite, examples (scope project) and rows without an amount are no caps.  ``binding`` are the
    ``applies_to`` (working copies) whose rows bind the units of the place; ``None``: all.
    """

    def __init__(
        self,
        layers: Sequence[Iterable[StandardRow]] = (),
        aliases: Mapping[str, str] | None = None,
        binding: frozenset[str] | None = None,
    ) -> None:
        rows = [(depth, row) for depth, layer in enumerate(layers) for row in layer]
        whole = {row.standard_id for _, row in rows if row.standard_id.endswith(_WHOLE)}
        self._by_code: dict[str, list[Standard]] = {}
        for depth, row in rows:
            if row.limit_kind != "CAP" or row.value is None or row.scope != "general" or _is_part(row, whole):
                continue
            standard = _standard(row, depth, binding)
            for code in {row.standard_id, row.item, row.category, *standard.items}:
                self._by_code.setdefault(normalise(code), []).append(standard)
        self._aliases = {normalise(spelling): normalise(code) for spelling, code in (aliases or {}).items()}

    def find(self, item: PricedItem, day: int) -> Standard | Absent | None:
        """The standard for an item on a day; ``None`` if there is none.

        ``Absent`` where a field that would decide is missing, or where several rows fit equally well.
        """
        found = self._candidates(item, day)
        for field, fits in ((_PLACE, _fits_place), (_GRADE, _fits_grade), (_SEASON, _fits_season)):
            known = [each for each in found if fits(each, item) is not None]
            if len(known) < len(found):
                return because("meeting_class" if field == _GRADE and _wants_class(found) else field)
            found = [each for each in known if fits(each, item)]
        return _most_specific(found)

    def may_bind(self, item: PricedItem, day: int) -> bool:
        """Whether a row that could be the item's standard on a day is a hard cap, of any place or grade."""
        return any(each.is_hard for each in self._candidates(item, day))

    def _candidates(self, item: PricedItem, day: int) -> list[Standard]:
        rows = self._by_code.get(self._aliases.get(item.code, item.code), ())
        found = [each for each in rows if each.row.in_force(day)]
        if len({each.row.item for each in found}) > 1:
            return [each for each in found if _names(each, item)]
        return found


def _is_part(row: StandardRow, whole: set[str]) -> bool:
    return any(
        row.standard_id.endswith(part) and row.standard_id.removesuffix(part) + _WHOLE in whole
        for part in _PARTS
    )


def _standard(row: StandardRow, layer: int, binding: frozenset[str] | None) -> Standard:
    item = _BRACKETS.sub("", normalise(row.item)).strip()
    assert row.value is not None
    return Standard(
        row.standard_id,
        row.value,
        row.unit,
        row.may_be_hard and (binding is None or normalise(row.applies_to) in binding),
        layer,
        row,
        tuple(part.strip() for part in item.split("/") if part.strip()),
        frozenset(_place(place) for place in row.places if place not in _EVERYWHERE),
        tuple(normalise(part) for part in row.grade.split("、") if part not in _EVERYONE),
        normalise(row.season),
    )


def _place(text: str) -> str:
    place = normalise(text)
    return place[:-1] if len(place) > 2 and place.endswith(_PLACE_ENDINGS) else place


def _names(standard: Standard, item: PricedItem) -> bool:
    """Whether the item's code or name is the standard's item: its head noun stands at the end."""
    name = _BRACKETS.sub("", item.name).strip()
    for wanted in standard.items:
        if wanted == item.code or name.endswith(wanted):
            return True
        if len(name) > 1 and wanted.endswith(name):
            return True
        words = wanted.split()
        if len(words) > 1 and all(word in f"{name} {item.spec}" for word in words):
            return True
    return item.code in {normalise(standard.row.item), normalise(standard.standard_id)}


def _fits_place(standard: Standard, item: PricedItem) -> bool | None:
    if not standard.places:
        return True
    return None if item.place is None else _place(item.place) in standard.places


def _fits_grade(standard: Standard, item: PricedItem) -> bool | None:
    """A grade is of the persons, of the meeting, or of the thing itself (in its specification)."""
    if not standard.grades:
        return True
    given = [text for text in (item.grade, item.meeting_class) if text]
    if any(_is_grade(text, grade) for text in given for grade in standard.grades):
        return True
    if any(grade in item.spec for grade in standard.grades):
        return True
    return False if given else None


def _is_grade(given: str, grade: str) -> bool:
    return given == grade or (len(given) > 1 and grade.startswith(given))


def _wants_class(found: Iterable[Standard]) -> bool:
    """Whether the grades in question are classes of meetings or trainings."""
    return any(grade[1:2] == "类" for each in found for grade in each.grades)


def _fits_season(standard: Standard, item: PricedItem) -> bool | None:
    if not standard.season:
        return True
    if item.season is None:
        return None
    off_peak = item.season in _OFF_PEAK_WORDS
    if standard.season == _OFF_PEAK:
        return off_peak
    return not off_peak and item.season.startswith(_PEAK)


def _most_specific(found: Sequence[Standard]) -> Standard | Absent | None:
    """The most local layer first, then place, grade, season; equal rows must say the same."""
    if not found:
        return None

    def rank(each: Standard) -> tuple[int, bool, bool, bool]:
        return (each.layer, bool(each.places), bool(each.grades), bool(each.season))

    top = max(map(rank, found))
    best = sorted((each for each in found if rank(each) == top), key=lambda each: each.standard_id)
    if len({(each.limit, each.unit, each.is_hard) for each in best}) > 1:
        return Absent(MissingReason.UNKNOWN_CODE, "item_code")
    return best[0]
