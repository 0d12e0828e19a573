"""Expenditure standards: which row applies to a cost item on a day, and whether it is a hard cap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules_service.facts.memo import Memo
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
_DAYS_REMEMBERED = 10_000  # pairs of a code and a rule date


class PricedItem(NamedTuple):
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
    """A price cap, ready to match.  ``limit`` is yuan × 10¹² for ``unit``.

    Of those that fit, the highest ``rank`` applies: layer, counted from the root, then whether it is for
    certain places, grades, seasons.  ``codes`` mean its item whatever the name; ``items`` are the names of
    the item, each with its words.
    """

    standard_id: str
    limit: int
    unit: str
    is_hard: bool
    rank: tuple[int, bool, bool, bool]
    row: StandardRow
    items: tuple[tuple[str, tuple[str, ...]], ...]
    codes: frozenset[str]
    places: frozenset[str]
    grades: tuple[str, ...]
    season: str


_NO_ROW = StandardRow(
    *("", "", "", "", None, "", "", (), "", "", "", None, "", None, None, "", "", ""),
    proof=Proof.MEMORY,
    notes="",
    source=Source("", 1, 1),
)
NO_STANDARD = Standard(
    "", 0, "", False, (0, False, False, False), _NO_ROW, (), frozenset(), frozenset(), (), ""
)
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
            for code in standard.codes | {normalise(row.category)}:
                self._by_code.setdefault(code, []).append(standard)
        self._aliases = {normalise(spelling): normalise(code) for spelling, code in (aliases or {}).items()}
        # Asked by codes of the rows only, so nothing of a request stays in it.
        self._in_force = Memo(self._of_day, _DAYS_REMEMBERED)

    def find(self, item: PricedItem, day: int) -> Standard | Absent | None:
        """The standard for an item on a day; ``None`` if there is none.

        ``Absent`` where a field that would decide is missing, or where several rows fit equally well.
        """
        found = self._candidates(item, day)
        for choose in (_by_place, _by_grade, _by_season):
            chosen = choose(found, item)
            if isinstance(chosen, str):
                return because(chosen)
            found = chosen
        return _most_specific(found)

    def may_bind(self, item: PricedItem, day: int) -> bool:
        """Whether a row that could be the item's standard on a day is a hard cap, of any place or grade."""
        return any(each.is_hard for each in self._candidates(item, day))

    def _candidates(self, item: PricedItem, day: int) -> Sequence[Standard]:
        code = self._aliases.get(item.code, item.code)
        if code not in self._by_code:
            return ()
        found, differ = self._in_force[code, day]
        return _named(found, item) if differ else found

    def _of_day(self, key: tuple[str, int]) -> tuple[tuple[Standard, ...], bool]:
        """The rows of a code in force on a day, and whether they are rows of different items."""
        code, day = key
        found = tuple(each for each in self._by_code[code] if each.row.in_force(day))
        return found, len({each.row.item for each in found}) > 1


def _is_part(row: StandardRow, whole: set[str]) -> bool:
    return any(
        row.standard_id.endswith(part) and row.standard_id.removesuffix(part) + _WHOLE in whole
        for part in _PARTS
    )


def _standard(row: StandardRow, layer: int, binding: frozenset[str] | None) -> Standard:
    item = normalise(row.item)
    names = tuple(part.strip() for part in _BRACKETS.sub("", item).strip().split("/") if part.strip())
    assert row.value is not None
    places = frozenset(_place(normalise(place)) for place in row.places if place not in _EVERYWHERE)
    grades = tuple(normalise(part) for part in row.grade.split("、") if part not in _EVERYONE)
    season = normalise(row.season)
    return Standard(
        row.standard_id,
        row.value,
        row.unit,
        row.may_be_hard and (binding is None or normalise(row.applies_to) in binding),
        (layer, bool(places), bool(grades), bool(season)),
        row,
        tuple((name, tuple(name.split())) for name in names),
        frozenset({normalise(row.standard_id), item, *map(normalise, names)}),
        places,
        grades,
        season,
    )


def _place(copy: str) -> str:
    return copy[:-1] if len(copy) > 2 and copy.endswith(_PLACE_ENDINGS) else copy


def _named(found: Iterable[Standard], item: PricedItem) -> list[Standard]:
    """The rows whose item is what the code or the name says."""
    name = _BRACKETS.sub("", item.name).strip()
    text = f"{name} {item.spec}"
    return [each for each in found if item.code in each.codes or _names(each, name, text)]


def _names(standard: Standard, name: str, text: str) -> bool:
    """Whether a name is the standard's item: its head noun stands at the end."""
    for wanted, words in standard.items:
        if name.endswith(wanted) or (len(name) > 1 and wanted.endswith(name)):
            return True
        if len(words) > 1 and all(word in text for word in words):
            return True
    return False


def _by_place(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard] | str:
    """The rows for the item's place, or the field that is missing; so with grade and season."""
    if not any(each.places for each in found):
        return found
    if item.place is None:
        return "place_code"
    place = _place(item.place)
    return [each for each in found if not each.places or place in each.places]


def _by_grade(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard] | str:
    """A grade is of the persons, of the meeting, or of the thing itself (in its specification)."""
    given = [text for text in (item.grade, item.meeting_class) if text]
    fitting = []
    for each in found:
        if not each.grades or _is_of_grade(each.grades, given, item.spec):
            fitting.append(each)
        elif not given:
            return "meeting_class" if _wants_class(found) else "personnel_grade"
    return fitting


def _is_of_grade(grades: Iterable[str], given: Sequence[str], spec: str) -> bool:
    return any(grade in spec or any(_is_grade(text, grade) for text in given) for grade in grades)


def _is_grade(given: str, grade: str) -> bool:
    return given == grade or (len(given) > 1 and grade.startswith(given))


def _wants_class(found: Iterable[Standard]) -> bool:
    """Whether the grades in question are classes of meetings or trainings."""
    return any(grade[1:2] == "类" for each in found for grade in each.grades)


def _by_season(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard] | str:
    if not any(each.season for each in found):
        return found
    if item.season is None:
        return "season"
    off_peak = item.season in _OFF_PEAK_WORDS
    peak = not off_peak and item.season.startswith(_PEAK)
    return [each for each in found if not each.season or (off_peak if each.season == _OFF_PEAK else peak)]


def _most_specific(found: Sequence[Standard]) -> Standard | Absent | None:
    """The most local layer first, then place, grade, season; equal rows must say the same."""
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    top = max(each.rank for each in found)
    best = [each for each in found if each.rank == top]
    if len({(each.limit, each.unit, each.is_hard) for each in best}) > 1:
        return Absent(MissingReason.UNKNOWN_CODE, "item_code")
    return min(best, key=lambda each: each.standard_id)
