"""What must hold of score sheets whatever is given: bounds, monotony, and that certainty never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sheet_view import Sheet, SheetItem
from rules_service.compile.sources import read_ruleset
from rules_service.compile.view import ParameterValue
from rules_service.engine.score_items import Entries, Seen, Source, score_item
from rules_service.engine.scoring import Totals, band_of, passes, totals_of
from rules_service.facts.missing import Missing
from rules_service.pb.budget.rules.v1.application_pb2 import ScoreEntry
from rules_service.values.dates import parse_date
from tests.paths.cases import RULESET

OUTCOMES = ("PASS", "FAIL", "NOT_APPLICABLE", "EXEMPT", None)
Key = tuple[str, str]


@dataclass(frozen=True)
class World:
    """What a sheet is worked out from: entries in hundredths of a point, rules, and values of formulas."""

    given: Mapping[Key, int]
    seen: Mapping[str, Seen]
    computed: Mapping[int, Any]


@pytest.fixture(scope="module")
def sheets() -> dict[str, tuple[Sheet, Mapping[str, ParameterValue]]]:
    view = compile_bundle(read_ruleset(RULESET)).view("全国", parse_date("2021-01-01"))
    return {sheet.id: (sheet, view.parameters) for sheet in view.sheets if not sheet.template}


NAMES = st.sampled_from(["mixed", "between", "mean", "lowest", "shares", "unlimited"])


def keys(sheet: Sheet) -> list[tuple[SheetItem, str]]:
    """What people may give: item and scorer."""
    items = [item for part in sheet.dimensions for item in part.items] + list(sheet.adjustments)
    return [(item, scorer) for item in items for scorer in item.scorers if item.kind != "VETO"]


@st.composite
def worlds(draw: st.DrawFn, sheet: Sheet) -> World:
    given_ = {
        (item.code, scorer): draw(st.integers(0, most(item)))
        for item, scorer in keys(sheet)
        if draw(st.booleans())
    }
    seen = {}
    for rule in ("AMT-01", "AMT-07", "PRE-01", "PRE-02"):
        outcome = draw(st.sampled_from(OUTCOMES))
        failed = draw(st.integers(1, 5)) if outcome == "FAIL" else 0
        undecided = draw(st.integers(1, 3)) if outcome is None else 0
        seen[rule] = Seen(outcome, failed, undecided, outcome is None and draw(st.booleans()))
    computed = {
        number: draw(values_of(formula)) for number, formula in enumerate(sheet.formulas, start=sheet.first)
    }
    return World(given_, seen, computed)


def values_of(formula: Any) -> st.SearchStrategy[Any]:
    kind = formula.typed.node.kind
    if kind.ratio:
        return st.none() | st.tuples(st.integers(0, 7), st.integers(3, 7))
    return st.none() | (st.integers(0, 10) if kind.numeric else st.booleans())


def most(item: SheetItem) -> int:
    """The maximum in hundredths; 100 points where none is stated."""
    return 10_000 if item.max is None else item.max // 10**10


def work(sheet: Sheet, world: World) -> Totals:
    entries = Entries(
        "x",
        {
            key: (
                (
                    "x",
                    ScoreEntry(item_code=key[0], scorer=key[1], score=f"{number // 100}.{number % 100:02}"),
                ),
            )
            for key, number in world.given.items()
        },
    )
    lacking = [Missing(None, "", "x")]  # type: ignore[arg-type]
    source = Source(
        lambda rule: world.seen[rule],
        lambda _rule: list(lacking),
        lambda number: (world.computed[number], list(lacking) if world.computed[number] is None else []),
    )
    items = [
        [score_item(sheet, part, item, entries, source) for item in part.items] for part in sheet.dimensions
    ]
    return totals_of(
        sheet, items, [score_item(sheet, None, item, entries, source) for item in sheet.adjustments]
    )


def within(inner: Totals, outer: Totals) -> bool:
    """Whether the totals of one lie within those of the other."""
    pairs = [(inner.overall, outer.overall)]
    pairs += [(inner.voices[voice], outer.voices[voice]) for voice in outer.voices]
    return all(
        one.low >= other.low and (other.high is None or (one.high is not None and one.high <= other.high))
        for one, other in pairs
    )


def rank(sheet: Sheet, totals: Totals, values: Mapping[str, ParameterValue]) -> int | None:
    band, _ = band_of(sheet, totals, values)
    return None if band is None else -sheet.bands.index(band)


@settings(max_examples=300)
@given(data=st.data())
def test_worst_total_best(sheets: dict[str, Any], data: st.DataObject) -> None:
    """The worst case is never above the best one, neither leaves 0 and the full points."""
    sheet, _ = sheets[data.draw(NAMES)]
    totals = work(sheet, data.draw(worlds(sheet)))
    for span in (*totals.voices.values(), totals.overall):
        assert Fraction(0) <= span.low
        assert span.high is None or span.low <= span.high
        assert sheet.total is None or (span.high is not None and span.high <= sheet.total // 10**12)


@settings(max_examples=400)
@given(data=st.data())
def test_what_becomes_known_narrows(sheets: dict[str, Any], data: st.DataObject) -> None:
    """One more score, outcome or value: nothing becomes possible that was not, and what is certain stays."""
    sheet, values = sheets[data.draw(NAMES)]
    world = data.draw(worlds(sheet))
    before = work(sheet, world)
    open_scores = [(item, scorer) for item, scorer in keys(sheet) if (item.code, scorer) not in world.given]
    open_rules = [rule for rule, seen in world.seen.items() if seen.outcome is None]
    open_values = [number for number, value in world.computed.items() if value is None]
    if open_scores and data.draw(st.booleans()):
        item, scorer = data.draw(st.sampled_from(open_scores))
        more = {(item.code, scorer): data.draw(st.integers(0, most(item)))}
        after = work(sheet, replace(world, given={**world.given, **more}))
    elif open_rules and data.draw(st.booleans()):
        rule = data.draw(st.sampled_from(open_rules))
        outcome = data.draw(st.sampled_from(OUTCOMES[:-1]))
        count = world.seen[rule].undecided + (9 if world.seen[rule].unbounded else 0)
        failed = data.draw(st.integers(1, count)) if outcome == "FAIL" else 0
        after = work(sheet, replace(world, seen={**world.seen, rule: Seen(outcome, failed, 0, False)}))
    elif open_values:
        number = data.draw(st.sampled_from(open_values))
        known = values_of(sheet.formulas[number - sheet.first]).filter(lambda value: value is not None)
        after = work(sheet, replace(world, computed={**world.computed, number: data.draw(known)}))
    else:
        return
    assert after.nothing or within(after, before)
    for mark in (values["pass_line"], values["late_pass_line"]):
        certain = passes(before.overall, mark)
        assert certain is None or after.nothing or passes(after.overall, mark) is certain
    band = rank(sheet, before, values)
    assert band is None or after.nothing or rank(sheet, after, values) == band


@settings(max_examples=400)
@given(data=st.data())
def test_more_points_never_lower(sheets: dict[str, Any], data: st.DataObject) -> None:
    """A higher score (a lower penalty) lowers neither best nor worst case, nor the band."""
    sheet, values = sheets[data.draw(NAMES)]
    world = data.draw(worlds(sheet))
    scored = [(item, scorer) for item, scorer in keys(sheet) if (item.code, scorer) in world.given]
    if not scored:
        return
    item, scorer = data.draw(st.sampled_from(scored))
    own = world.given[item.code, scorer]
    better = data.draw(st.integers(0, own) if item.kind == "PENALTY" else st.integers(own, most(item)))
    before = work(sheet, world)
    after = work(sheet, replace(world, given={**world.given, (item.code, scorer): better}))
    assert after.overall.low >= before.overall.low
    assert after.overall.high is None or after.overall.high >= (before.overall.high or Fraction(0))
    ranks = rank(sheet, before, values), rank(sheet, after, values)
    assert None in ranks or ranks[1] >= ranks[0]  # type: ignore[operator]


@settings(max_examples=200)
@given(data=st.data())
def test_both_cases_can_come_true(sheets: dict[str, Any], data: st.DataObject) -> None:
    """With rules and formulas known, nothing (everything) for what is open makes the worst (best) case."""
    sheet, _ = sheets[data.draw(NAMES.filter(lambda name: name != "unlimited"))]
    world = data.draw(worlds(sheet))
    if None in world.computed.values() or any(seen.outcome is None for seen in world.seen.values()):
        return
    totals = work(sheet, world)
    for upper, wanted in ((False, totals.overall.low), (True, totals.overall.high)):
        rest = {
            (item.code, scorer): most(item) if upper != (item.kind == "PENALTY") else 0
            for item, scorer in keys(sheet)
        }
        full = work(sheet, replace(world, given={**rest, **world.given}))
        assert full.overall.low <= wanted <= (full.overall.high or wanted)


def test_parts_beyond_the_whole_say_nothing(sheets: dict[str, Any]) -> None:
    """Scores without a maximum of their own that exceed the full points are no total, and no zero either."""
    sheet, _ = sheets["unlimited"]
    capped = replace(sheet, total=100 * 10**12)
    totals = work(capped, World({("一", "财政"): 6000, ("二", "财政"): 5000}, {}, {sheet.first: True}))
    assert totals.faulty
    assert totals.overall == (Fraction(0), Fraction(100))
