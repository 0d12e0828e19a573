"""Score sheets as facts: the rows that checks read, and why one of their values is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from rules_service.engine.scoring import Scored
from rules_service.facts.missing import Missing
from rules_service.language.layout import HAS, Layout
from rules_service.model.subjects import SCORE, SUBJECTS

__all__ = ["missing_of", "with_scores"]


def _pair(points: Fraction | None) -> tuple[int, int] | None:
    return None if points is None else (points.numerator, points.denominator)


def _best(one: Scored) -> Fraction | None:
    return None if one.totals is None else one.totals.overall.high


def _open_items(one: Scored) -> tuple[str, ...] | None:
    if one.totals is None:
        return None
    return tuple(item.item.title.zh for item in one.every if item.lacking)


def _pass_score(one: Scored) -> int | None:
    mark = one.pass_mark
    return None if mark is None or mark.parameter is None else mark.parameter.value


_VALUES: dict[str, Callable[[Scored], Any]] = {
    "sheet_id": lambda one: one.sheet.id,
    "title": lambda one: one.sheet.title.zh,
    "object": lambda one: one.sheet.object.value,
    "round": lambda one: one.round,
    "total": lambda one: _pair(one.total),
    "best": lambda one: _pair(_best(one)),
    "worst": lambda one: None if one.totals is None else _pair(one.totals.overall.low),
    "gap": lambda one: None if one.totals is None else _pair(one.totals.gap),
    "open_items": _open_items,
    "has_pass_mark": lambda one: bool(one.sheet.pass_marks),
    "pass_score": _pass_score,
    "passes": lambda one: one.passes,
    "has_bands": lambda one: bool(one.sheet.bands),
    "band": lambda one: None if one.band is None else one.band.code,
    "to_next_band": lambda one: _pair(one.to_next_band),
    "excellent": lambda one: None if one.band is None else one.band.excellent,
    "veto": lambda one: None if one.totals is None else one.totals.veto,
}
_BANDS = frozenset({"band", "to_next_band", "excellent", "veto"})


def with_scores(layout: Layout, project: tuple[Any, ...], scored: Sequence[Scored]) -> tuple[Any, ...]:
    """The facts of the project with the rows of its sheets in them."""
    row = SUBJECTS[SCORE]
    rows = tuple(tuple(_slot(one, slot) for slot in layout.of(SCORE)) for one in scored)
    made: dict[str, Any] = {row.list: rows, HAS + row.list: bool(rows)}
    return tuple(made.get(slot, value) for slot, value in zip(layout.of(row.parent), project, strict=True))


def _slot(one: Scored, slot: str) -> Any:
    value = _VALUES[slot.removeprefix(HAS)](one)
    if not slot.startswith(HAS):
        return value
    return True if value is not None else None if one.totals is None else False


def missing_of(one: Scored, slot: str) -> tuple[Missing, ...]:
    """Why a fact of a sheet has no value."""
    if slot in _BANDS:
        return one.band_lacking
    if slot == "round" and one.round_missing is not None:
        return (one.round_missing,)
    mark = one.pass_mark
    if slot in {"passes", "pass_score"} and mark is not None and mark.missing is not None:
        return (mark.missing,)
    return one.lacking
