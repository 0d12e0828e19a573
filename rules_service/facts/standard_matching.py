"""Which standards fit a cost item: by its name, place, grade, season and specification."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules_service.facts.text import normalise
from rules_service.model.standard_rows import StandardRow

__all__ = ["PricedItem", "Standard", "by_grade", "by_season", "by_spec", "named", "place_name"]

# Said of a grade that every person or thing has.
_EVERYONE = frozenset({"全部", "所有人员", "不分级别"})
_EVERYWHERE = frozenset({"全国"})
_BRACKETS = re.compile(r"\([^()]*\)")
# A row's season is "旺季 7-9月" or "旺季以外"; an item says peak, or a word for the rest of the year.
_PEAK = "旺季"
_OFF_PEAK = "旺季以外"
_OFF_PEAK_WORDS = frozenset({"旺季以外", "非旺季", "淡季", "平季"})
_PLACE_ENDINGS = ("市", "省")


class PricedItem(NamedTuple):
    """What of a cost item chooses its standards; working copies, ``None`` for what is missing."""

    code: str
    name: str
    spec: str
    place: str | None
    grade: str | None
    meeting_class: str | None
    season: str | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A row made ready to match.  ``limit`` is yuan × 10¹² for ``unit`` (0 where it has none).

    ``codes`` mean its item whatever the name; ``items`` are the names of the item, each with its words.
    ``layer`` counts from the root.  ``binds``: its word says that it is for the units of the place;
    ``is_hard``: it binds, and is established well enough to be a hard limit.  A part of a composite has
    its ``whole``, and is as hard as that.
    """

    standard_id: str
    limit: int
    unit: str
    binds: bool
    is_hard: bool
    layer: int
    row: StandardRow
    items: tuple[tuple[str, tuple[str, ...]], ...]
    codes: frozenset[str]
    places: frozenset[str]
    grades: tuple[str, ...]
    season: str
    spec: str
    except_places: frozenset[str]
    whole: Standard | None = None

    @classmethod
    def of(
        cls, row: StandardRow, layer: int, binding: frozenset[str] | None, whole: Standard | None = None
    ) -> Standard:
        """The standard of a row; ``binding`` are the words that bind the place's units (``None``: all)."""
        item = normalise(row.item)
        spellings = _spellings(item)
        binds = not row.is_sample and (binding is None or normalise(row.applies_to) in binding)
        return cls(
            row.standard_id,
            row.limit or 0,
            row.unit,
            binds,
            binds and row.may_be_hard if whole is None else whole.is_hard,
            layer,
            row,
            tuple((name, tuple(name.split())) for name in (*spellings, *_short(item, whole))),
            frozenset({normalise(row.standard_id), item, *map(normalise, spellings)}),
            _place_names(place for place in row.places if place not in _EVERYWHERE),
            tuple(normalise(part) for part in row.grade.split("、") if part and part not in _EVERYONE),
            normalise(row.season),
            normalise(row.spec),
            _place_names(row.except_places),
            whole,
        )


def _spellings(item: str) -> list[str]:
    """The names of an item: 一体机/传真机 has two."""
    return [part.strip() for part in _BRACKETS.sub("", item).strip().split("/") if part.strip()]


def _short(item: str, whole: Standard | None) -> list[str]:
    """What a part is called beside its whole: 会议费-住宿费 is 住宿费, 会议费-场地、资料费 has two names."""
    pieces = item.rpartition("-")[2].split("、") if whole is not None else ()
    return [piece if piece.endswith(("费", "费用")) else f"{piece}费" for piece in pieces]


def _place_names(places: Iterable[str]) -> frozenset[str]:
    return frozenset(place_name(normalise(place)) for place in places)


def place_name(copy: str) -> str:
    """A place without its kind: 北京市 is 北京."""
    return copy[:-1] if len(copy) > 2 and copy.endswith(_PLACE_ENDINGS) else copy


def named(found: Iterable[Standard], item: PricedItem) -> list[Standard]:
    """The standards whose item is what the code or the name says, and those for the whole category."""
    return [
        each for each in found if each.row.is_of_category or item.code in each.codes or _names(each, item)
    ]


def _names(standard: Standard, item: PricedItem) -> bool:
    """Whether the name of a cost item is the standard's item: its head noun stands at the end."""
    name = _BRACKETS.sub("", item.name).strip()
    text = f"{name} {item.spec}"
    for wanted, words in standard.items:
        if name.endswith(wanted) or (len(name) > 1 and wanted.endswith(name)):
            return True
        if len(words) > 1 and all(word in text for word in words):
            return True
    return False


def by_grade(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard] | str:
    """The standards for the item's grade, or the field that is missing.

    A grade is of the persons, of the meeting, or of the thing itself (in its specification).
    """
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


def by_season(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard] | str:
    """The standards for the item's season, or the field that is missing."""
    if not any(each.season for each in found):
        return found
    if item.season is None:
        return "season"
    off_peak = item.season in _OFF_PEAK_WORDS
    peak = not off_peak and item.season.startswith(_PEAK)
    return [each for each in found if not each.season or (off_peak if each.season == _OFF_PEAK else peak)]


def by_spec(found: Sequence[Standard], item: PricedItem) -> Sequence[Standard]:
    """The standards whose specification the item's specification or name holds."""
    return [each for each in found if each.spec in item.spec or each.spec in item.name]
