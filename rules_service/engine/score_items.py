"""The items of a score sheet: what people gave, and what rules make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from rules_service.compile.sheet_view import ByDeduction, ByFormula, ByOutcome, Dimension, Sheet, SheetItem
from rules_service.engine.spans import NOTHING, Span, exactly, fraction
from rules_service.facts.missing import Missing
from rules_service.pb.budget.rules.v1.application_pb2 import ScoreEntry
from rules_service.values.kinds import Kind
from rules_service.values.numbers import parse_fixed
from rules_service.values.outcomes import MissingReason

__all__ = [
    "ALL",
    "Entries",
    "Given",
    "ItemScore",
    "Seen",
    "Source",
    "item_labels",
    "item_name",
    "score_item",
    "voices_of",
]

ALL = ""
"""The only voice of a sheet that its scorers share."""

_BROKEN = frozenset({"OUT_OF_RANGE", "CONFLICT"})


class Seen(NamedTuple):
    """What an answer says of a rule: its outcome (``None``: undecided), how many findings failed, are open.

    ``unbounded``: how many findings there may be is not known.
    """

    outcome: str | None
    failed: int
    undecided: int
    unbounded: bool


class Source(NamedTuple):
    """What items are scored from besides the entries: rules and formulas, and what is missing in both."""

    seen: Callable[[str], Seen]
    lacking: Callable[[str], list[Missing]]
    compute: Callable[[int], tuple[Any, list[Missing]]]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of one sheet in a request, by item and scorer, each with its path.

    ``path`` is where further ones belong.
    """

    path: str
    by_item: Mapping[tuple[str, str], tuple[tuple[str, ScoreEntry], ...]]


@dataclass(frozen=True, slots=True)
class Given:
    """What one scorer says of an item: GIVEN with points (or whether a veto occurred), or why not."""

    scorer: str
    points: Fraction | None
    occurred: bool | None
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class ItemScore:
    """An item scored as far as it can be.

    ``applies`` is ``None`` while that is open. ``spans`` holds the points by voice; ``occurred`` is the
    state of a veto. ``reason`` says how it came about; ``lacking`` what keeps it open.
    """

    item: SheetItem
    applies: bool | None
    spans: Mapping[str, Span]
    occurred: bool | None
    reason: str
    given: tuple[Given, ...]
    lacking: tuple[Missing, ...]


def voices_of(sheet: Sheet) -> tuple[str, ...]:
    """Those whose totals are counted apart."""
    return sheet.scorers if sheet.parallel else (ALL,)


def item_name(sheet: Sheet, item: SheetItem, scorer: str) -> str:
    """How what is missing of an item is called in answers."""
    name = f"{sheet.id}.{item.code}"
    return f"{name}@{scorer}" if scorer and len(sheet.scorers) > 1 else name


def score_item(
    sheet: Sheet, dimension: Dimension | None, item: SheetItem, entries: Entries, source: Source
) -> ItemScore:
    """Score one item; ``dimension`` is the one it stands in, if it stands in one."""
    return _Item(sheet, dimension, item, entries, source).score()


class _Item:
    def __init__(
        self, sheet: Sheet, dimension: Dimension | None, item: SheetItem, entries: Entries, source: Source
    ) -> None:
        self.sheet, self.item, self.entries, self.source = sheet, item, entries, source
        limits = [item.max]
        if item.kind == "NORMAL":
            limits += [dimension.max if dimension is not None else None, sheet.total]
        known = [limit for limit in limits if limit is not None]
        self.bound = fraction(known[0]) if known else None

    def score(self) -> ItemScore:
        item = self.item
        if item.applies is not None:
            holds, lacking = self.source.compute(self.sheet.first + item.applies)
            if holds is False:
                return self._result("NOT_APPLICABLE", applies=False)
            if holds is None:
                return self._open("SCOPE_UNDECIDED", lacking, applies=None)
        if item.automatic is None:
            return self._manual()
        if isinstance(item.automatic, ByOutcome):
            return self._by_outcome(item.automatic)
        if isinstance(item.automatic, ByDeduction):
            return self._by_deduction(item.automatic)
        if isinstance(item.automatic, ByFormula):
            return self._by_formula(item.automatic)
        return self._occurs(item.automatic.rule, item.automatic.formula)

    def _result(
        self,
        reason: str,
        *,
        span: Span = NOTHING,
        applies: bool | None = True,
        occurred: bool | None = None,
        lacking: Iterable[Missing] = (),
    ) -> ItemScore:
        spans = dict.fromkeys(voices_of(self.sheet), span)
        if self.item.kind == "VETO" and applies is False:
            occurred = False
        return ItemScore(self.item, applies, spans, occurred, reason, (), tuple(lacking))

    def _open(
        self,
        reason: str,
        lacking: Iterable[Missing],
        *,
        span: Span | None = None,
        applies: bool | None = True,
    ) -> ItemScore:
        """An item that is not decided: between nothing and all, unless more is known."""
        span = Span(Fraction(0), self.bound) if span is None else span
        if self.item.kind == "VETO":
            span = NOTHING
        return self._result(reason, span=span, applies=applies, lacking=lacking)

    # -- by people -------------------------------------------------------------------------------

    def _manual(self) -> ItemScore:
        given = tuple(self._given(scorer) for scorer in self.item.scorers)
        lacking = [self._lacks(one) for one in given if one.reason != "GIVEN"]
        reason = next((one.reason for one in given if one.reason != "GIVEN"), "GIVEN")
        if self.item.kind == "VETO":
            said = [one.occurred for one in given]
            occurred = True if True in said else None if None in said else False
            lacking = lacking if occurred is None else []
            spans = dict.fromkeys(voices_of(self.sheet), NOTHING)
            return ItemScore(self.item, True, spans, occurred, reason, given, tuple(lacking))
        open_ = Span(Fraction(0), self.bound)
        by_scorer = {one.scorer: open_ if one.points is None else exactly(one.points) for one in given}
        spans = by_scorer if self.sheet.parallel else {ALL: by_scorer[self.item.scorers[0]]}
        return ItemScore(self.item, True, spans, None, reason, given, tuple(lacking))

    def _given(self, scorer: str) -> Given:
        found = self.entries.by_item.get((self.item.code, scorer), ())
        said = [(path, *self._read(entry)) for path, entry in found]
        said = [one for one in said if one[3] != "NOT_SENT"]
        if not said:
            return Given(scorer, None, None, "NOT_SENT", found[0][0] if found else self.entries.path)
        path, points, occurred, reason = said[0]
        if any((other[1], other[2]) != (points, occurred) for other in said[1:]):
            return Given(scorer, None, None, "CONFLICT", said[-1][0])
        return Given(scorer, points, occurred, reason, path)

    def _read(self, entry: ScoreEntry) -> tuple[Fraction | None, bool | None, str]:
        """Points, whether a veto occurred, and GIVEN or why not."""
        occurred = entry.occurred if entry.HasField("occurred") else None
        if self.item.kind == "VETO":
            return None, occurred, "NOT_SENT" if occurred is None else "GIVEN"
        if entry.score and not entry.score.isspace():
            points = fraction(parse_fixed(entry.score))
            within = points >= 0 and (self.bound is None or points <= self.bound)
            return (points, None, "GIVEN") if within else (None, None, "OUT_OF_RANGE")
        if self.item.kind != "NORMAL" and occurred is False:
            return Fraction(0), None, "GIVEN"
        return None, None, "NOT_SENT"

    def _lacks(self, given: Given) -> Missing:
        reason = MissingReason.UNPARSEABLE if given.reason in _BROKEN else MissingReason.NOT_SENT
        return Missing(reason, given.path, item_name(self.sheet, self.item, given.scorer))

    # -- by rules --------------------------------------------------------------------------------

    def _undecided_rules(self, rules: Sequence[str]) -> list[Missing]:
        """What keeps rules open that an item looks at."""
        return [missing for rule in rules for missing in self.source.lacking(rule)]

    def _by_outcome(self, way: ByOutcome) -> ItemScore:
        outcome = self.source.seen(way.rule).outcome
        if outcome is not None:
            points = way.points.get(outcome)
            if points is None:
                return self._result("NOT_APPLICABLE", applies=False)
            return self._result("BY_RULE", span=exactly(fraction(points)))
        lacking = self._undecided_rules([way.rule])
        if {"NOT_APPLICABLE", "EXEMPT"} <= way.points.keys():
            possible = [fraction(points) for points in way.points.values()]
            return self._open("RULE_UNDECIDED", lacking, span=Span(min(possible), max(possible)))
        return self._open("RULE_UNDECIDED", lacking, applies=None)

    def _by_deduction(self, way: ByDeduction) -> ItemScore:
        rules = [one.rule for one in way.deductions if one.rule is not None]
        outcomes = {self.source.seen(rule).outcome for rule in rules}
        if rules and not outcomes & {"PASS", "FAIL"} and all(one.formula is None for one in way.deductions):
            if None in outcomes:
                return self._open("RULE_UNDECIDED", self._undecided_rules(rules), applies=None)
            return self._result("NOT_APPLICABLE", applies=False)
        assert self.bound is not None, "deductions are from a maximum"
        least, most = Fraction(0), Fraction(0)
        lacking = self._undecided_rules(rules)
        for one in way.deductions:
            low, high = self._deducted(one, lacking)
            least, most = least + low, most + high
        span = Span(max(self.bound - most, Fraction(0)), max(self.bound - least, Fraction(0)))
        reason = "BY_DEDUCTION" if span.value is not None else "RULE_UNDECIDED"
        return self._result(reason, span=span, lacking=lacking if span.value is None else ())

    def _deducted(self, one: Any, lacking: list[Missing]) -> tuple[Fraction, Fraction]:
        """The least and the most that one deduction takes off."""
        bound = self.bound or Fraction(0)
        if one.each is not None:
            seen, each = self.source.seen(one.rule), fraction(one.each)
            most = bound if seen.unbounded else each * (seen.failed + seen.undecided)
            limit = bound if one.at_most is None else fraction(one.at_most)
            return min(each * seen.failed, limit), min(most, limit)
        once = fraction(one.once)
        if one.formula is not None:
            holds, missing = self.source.compute(self.sheet.first + one.formula)
            lacking += missing if holds is None else []
        else:
            outcome = self.source.seen(one.rule).outcome
            holds = None if outcome is None else outcome == "FAIL"
        return (once if holds else Fraction(0)), (Fraction(0) if holds is False else once)

    def _by_formula(self, way: ByFormula) -> ItemScore:
        value, lacking = self.source.compute(self.sheet.first + way.formula)
        if value is None:
            return self._open("EXPRESSION_OPEN", lacking)
        points = _exact(value, way.kind)
        if way.share:
            points *= self.bound or Fraction(0)
        points = max(points, Fraction(0))
        return self._result(
            "BY_EXPRESSION", span=exactly(points if self.bound is None else min(points, self.bound))
        )

    def _occurs(self, rule: str | None, formula: int | None) -> ItemScore:
        if formula is not None:
            holds, lacking = self.source.compute(self.sheet.first + formula)
            if holds is None:
                return self._open("EXPRESSION_OPEN", lacking)
            return self._result("BY_EXPRESSION", occurred=holds)
        assert rule is not None
        outcome = self.source.seen(rule).outcome
        if outcome is None:
            return self._open("RULE_UNDECIDED", self._undecided_rules([rule]))
        return self._result("BY_RULE", occurred=outcome == "FAIL")


def _exact(value: Any, kind: Kind) -> Fraction:
    return Fraction(*value) if kind.ratio else Fraction(value, 10**kind.scale)


def item_labels(sheets: Iterable[Sheet]) -> dict[str, tuple[str, str]]:
    """What people call what is missing of an item, by its name in answers: Chinese and English."""
    found: dict[str, tuple[str, str]] = {}
    for sheet in sheets:
        for item in (*(one for part in sheet.dimensions for one in part.items), *sheet.adjustments):
            for scorer in item.scorers:
                found[item_name(sheet, item, scorer)] = _label(sheet, item, scorer)
    return found


def _label(sheet: Sheet, item: SheetItem, scorer: str) -> tuple[str, str]:
    if len(sheet.scorers) == 1:
        return item.title.zh, item.title.en
    return f"{item.title.zh}（{scorer}）", f"{item.title.en} ({scorer})"
