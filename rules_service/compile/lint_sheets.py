"""Faults of score sheets: points that don't add up, unknown rules and scorers, what is left unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise

from rules_service.compile.reading import own_checks
from rules_service.compile.sheet_view import Sheet
from rules_service.compile.view import ParameterValue
from rules_service.facts.text import normalise
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import LayerSource
from rules_service.model.sheet_documents import (
    DimensionDocument,
    NotApplicable,
    ScoredItemDocument,
    Scoring,
    SheetDocument,
)
from rules_service.values.numbers import SCALE, fixed_text

__all__ = ["check_band_conditions", "check_bands", "check_placeholders", "check_sheets"]

Twice = Callable[[Iterable[tuple[str, Source]], Diagnostics], None]


def check_sheets(layers: Sequence[LayerSource], twice: Twice, found: Diagnostics) -> None:
    """Everything that can be said of sheets without typing an expression; ``twice`` reports equal names."""
    rules = {check.id for layer in layers for check in own_checks(layer) if check.service == "review"}
    sheets = [(layer, sheet) for layer in layers for sheet in layer.score_sheets]
    twice(((sheet.id, sheet.mark.value("id")) for _, sheet in sheets), found)
    homes = {sheet.id: layer.region for layer, sheet in sheets}
    for layer, sheet in sheets:
        _names(sheet, twice, found)
        _named_rules(sheet, rules, found)
        _scorers(sheet, found)
        _combination(sheet, found)
        _not_applicable(sheet, found)
        _excellent(sheet, found)
        if not sheet.template:
            _maxima(sheet, found)
            _items(sheet, found)
        for name in sheet.instead_of:
            if homes.get(name.text, layer.region) == layer.region:
                found.add("SHEET-INSTEAD", name.source, id=name.text)


def check_band_conditions(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """Decision rules on bands name sheets and bands that there are."""
    bands = {
        sheet.id: {band.code for band in sheet.bands} for layer in layers for sheet in layer.score_sheets
    }
    for document in (decision for layer in layers for decision in layer.decisions):
        for condition in document.when:
            if condition.kind != "band":
                continue
            tests = {field: test for field, test in condition.tests if isinstance(test, tuple)}
            named = [str(word) for word in tests.get("name", ())]
            known = frozenset().union(*(bands.get(name, set()) for name in named or bands))
            unknown = [name for name in named if name not in bands]
            unknown += [str(word) for word in tests.get("value", ()) if word not in known]
            for word in unknown:
                found.add("DECISION-UNKNOWN-BAND", condition.source, name=word)


def _names(sheet: SheetDocument, twice: Twice, found: Diagnostics) -> None:
    twice(((item.code, item.mark.value("code")) for item in sheet.every), found)
    twice(((item.code, item.mark.value("code")) for item in sheet.dimensions), found)
    twice(((band.code, band.mark.value("code")) for band in sheet.bands), found)


def _named_rules(sheet: SheetDocument, rules: set[str], found: Diagnostics) -> None:
    for name in _rule_names(sheet):
        if name.text not in rules:
            near = get_close_matches(name.text, sorted(rules), 1)
            found.add("SHEET-RULE", name.source, id=name.text, near="".join(near) or "–")


def _rule_names(sheet: SheetDocument) -> Iterable[Scalar]:
    for item in sheet.every:
        yield from item.evidence
        if item.automatic is None:
            continue
        if item.automatic.outcome is not None:
            yield item.automatic.outcome.rule
        if item.automatic.rule is not None:
            yield item.automatic.rule
        yield from (one.rule for one in item.automatic.deduct or () if one.rule is not None)


def _scorers(sheet: SheetDocument, found: Diagnostics) -> None:
    """Parallel scorers score everything; otherwise each item that people score has one of the sheet's."""
    for item in sheet.every:
        place = item.mark.value("scorers")
        for name in item.scorers:
            if name not in sheet.scorers:
                found.add("SHEET-SCORER", place, item=item.code, name=name, known="、".join(sheet.scorers))
        if item.automatic is not None:
            continue
        if sheet.scoring is Scoring.PARALLEL and item.scorers:
            found.add("SHEET-PARALLEL", place, item=item.code)
        elif sheet.scoring is Scoring.DIVIDED and len(item.scorers or sheet.scorers) != 1:
            found.add("SHEET-ONE-SCORER", place, item=item.code)


def _combination(sheet: SheetDocument, found: Diagnostics) -> None:
    parallel = sheet.scoring is Scoring.PARALLEL and len(sheet.scorers) > 1
    ways = (sheet.combine is not None) + bool(sheet.shares)
    if ways > parallel:
        place = sheet.mark.value("shares" if sheet.shares else "combine")
        found.add("SHEET-COMBINE", place, id=sheet.id)
    elif parallel and not ways and not sheet.left_open:
        found.add("SHEET-UNSTATED", sheet.mark.source, id=sheet.id, what="combine")
    if sheet.shares and {entry.name.text for entry in sheet.shares} != set(sheet.scorers):
        found.add("SHEET-SHARES", sheet.mark.value("shares"), id=sheet.id)


def _may_not_apply(item: ScoredItemDocument) -> bool:
    if item.applies_when is not None:
        return True
    automatic = item.automatic
    if automatic is None:
        return False
    if automatic.outcome is not None:
        return automatic.outcome.NOT_APPLICABLE is None or automatic.outcome.EXEMPT is None
    return any(one.rule is not None for one in automatic.deduct or ())


def _not_applicable(sheet: SheetDocument, found: Diagnostics) -> None:
    """What becomes of the points of an item that does not apply must be said."""
    if sheet.not_applicable is None:
        for item in sheet.normal:
            if _may_not_apply(item):
                found.add("SHEET-NOT-APPLICABLE", item.mark.source, item=item.code)
                return
    stated = all(item.max is not None for item in sheet.normal)
    if sheet.not_applicable in {NotApplicable.SPREAD, NotApplicable.FULL} and not stated:
        found.add("SHEET-SPREAD", sheet.mark.value("not_applicable"), id=sheet.id)


def _excellent(sheet: SheetDocument, found: Diagnostics) -> None:
    """Excellent bands are the highest ones, and never all."""
    flags = [band.excellent for band in sheet.bands]
    if flags and (flags[-1] or any(low and not high for high, low in pairwise(flags))):
        found.add("SHEET-EXCELLENT", sheet.mark.value("bands"), id=sheet.id)


def _items(sheet: SheetDocument, found: Diagnostics) -> None:
    for dimension in sheet.dimensions:
        if not dimension.items:
            found.add("SHEET-NO-ITEMS", dimension.mark.source, id=sheet.id, dimension=dimension.code)
    count = sum(1 for _ in sheet.normal)
    if sheet.items_expected is not None and count != sheet.items_expected:
        place = sheet.mark.value("items_expected")
        found.add("SHEET-ITEMS-EXPECTED", place, id=sheet.id, expected=sheet.items_expected, count=count)
    if sheet.bonus and sheet.total is not None and sheet.capped is None:
        found.add("SHEET-CAPPED", sheet.mark.value("bonus"), id=sheet.id)


def _maxima(sheet: SheetDocument, found: Diagnostics) -> None:
    """Maxima add up to the dimension's, these to the total; where one is not stated, the reason is."""
    unstated = sheet.total is None or any(item.max is None for item in sheet.normal)
    unstated = unstated or any(item.max is None for item in (*sheet.bonus, *sheet.penalty))
    if unstated and not sheet.left_open:
        found.add("SHEET-UNSTATED", sheet.mark.source, id=sheet.id, what="max、total")
    wholes = []
    for dimension in sheet.dimensions:
        parts = [item.max for item in dimension.items]
        _adds_up(dimension.max, parts, dimension, found)
        wholes.append(dimension.max if dimension.max is not None else _sum(parts))
    if all(dimension.items for dimension in sheet.dimensions):
        _adds_up(sheet.total, wholes, sheet, found)


def _sum(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _adds_up(
    whole: int | None,
    parts: Sequence[int | None],
    place: DimensionDocument | SheetDocument,
    found: Diagnostics,
) -> None:
    if whole is None or not parts:
        return
    total = sum(part for part in parts if part is not None)
    complete = all(part is not None for part in parts)
    if total != whole if complete else total >= whole:
        key = "max" if isinstance(place, DimensionDocument) else "total"
        name = place.code if isinstance(place, DimensionDocument) else place.id
        values = {"whole": fixed_text(whole), "sum": fixed_text(total)}
        found.add("SHEET-ADDS-UP", place.mark.value(key), name=name, **values)


def check_bands(
    sheet: Sheet, place: Source, values: Mapping[str, ParameterValue], found: Diagnostics
) -> None:
    """Starts of bands fall from band to band, and shares of the scorers are one whole."""
    starts = [values[band.at_least].value for band in sheet.bands if band.at_least is not None]
    known = [start for start in starts if start is not None]
    if any(high <= low for high, low in pairwise(known)):
        found.add("SHEET-BAND-ORDER", place, id=sheet.id)
    if sheet.shares and sum(sheet.shares.values()) != SCALE:
        found.add("SHEET-SHARES", place, id=sheet.id)


def check_placeholders(sheet: SheetDocument, placeholders: frozenset[str], found: Diagnostics) -> None:
    """A sheet in use has texts that say something: what the place has not filled in is no item."""
    titled = [(one.code, one.title) for one in sheet.dimensions]
    titled += [(one.code, one.title) for one in sheet.every]
    for code, title in () if sheet.template else titled:
        for text in (title.zh, title.en):
            if normalise(text.text) in placeholders:
                found.add("SHEET-PLACEHOLDER", text.source, item=code, text=text.text)
