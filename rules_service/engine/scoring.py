"""A score sheet as far as it can be worked out: totals by scorer and overall, band, veto, pass mark.

Everything open has a lowest and a highest value, so what is certain already is known although the total is
not: a band that the best and the worst case share, a pass mark that the best case misses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rules_service.compile.sheet_view import Band, Sheet
from rules_service.compile.view import ParameterValue
from rules_service.engine.score_items import ItemScore, voices_of
from rules_service.engine.spans import NOTHING, Span, added, capped, exactly, fraction, limited
from rules_service.facts.missing import Missing
from rules_service.model.sheet_documents import Combination, NotApplicable
from rules_service.pb.budget.rules.v1.application_pb2 import ScoreSheet
from rules_service.values.outcomes import MissingReason

__all__ = ["PassMark", "Scored", "Totals", "band_of", "passes", "totals_of"]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the items come to.

    ``voices`` are the totals of parallel scorers; ``dimensions`` the points of each head over all of them.
    ``faulty``: the parts exceed the whole, so nothing can be said; ``nothing``: no item applies.
    """

    voices: Mapping[str, Span]
    dimensions: tuple[Span, ...]
    overall: Span
    gap: Fraction | None
    veto: bool | None
    faulty: bool
    nothing: bool


@dataclass(frozen=True, slots=True)
class PassMark:
    """The pass mark that counts: its parameter, or why it is not known."""

    parameter: ParameterValue | None
    missing: Missing | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A sheet of one answer; ``totals`` are ``None`` while it is open whether the sheet applies.

    ``message`` is what was sent of it, at ``path``; blank where nothing was.
    """

    sheet: Sheet
    items: tuple[tuple[ItemScore, ...], ...]
    adjustments: tuple[ItemScore, ...]
    totals: Totals | None
    round: str | None
    round_missing: Missing | None
    pass_mark: PassMark | None
    passes: bool | None
    band: Band | None
    to_next_band: Fraction | None
    lacking: tuple[Missing, ...]
    band_lacking: tuple[Missing, ...]
    ignored: tuple[str, ...]
    path: str
    message: ScoreSheet

    @property
    def every(self) -> Iterable[ItemScore]:
        """All items in the order of the sheet."""
        yield from (item for items in self.items for item in items)
        yield from self.adjustments

    @property
    def total(self) -> Fraction | None:
        """The total, if it is known."""
        return None if self.totals is None else self.totals.overall.value


def totals_of(sheet: Sheet, items: Sequence[Sequence[ItemScore]], adjustments: Sequence[ItemScore]) -> Totals:
    """Add up the items of a sheet, dimension by dimension."""
    every = [item for part in items for item in part]
    nothing = bool(every) and all(item.applies is False for item in every) and _leaves_out(sheet)
    found: dict[str, Span] = {}
    heads: list[list[Span]] = [[] for _ in sheet.dimensions]
    faulty = False
    for voice in voices_of(sheet):
        total, parts = _voice(sheet, items, adjustments, voice)
        for head, part in zip(heads, parts, strict=True):
            head.append(part)
        faulty = faulty or total is None
        found[voice] = total if total is not None else _anything(sheet)
    if nothing:
        found = dict.fromkeys(found, _anything(sheet))
    overall = _combined(sheet, found)
    values = [span.value for span in found.values()]
    known = [value for value in values if value is not None]
    parallel = sheet.parallel and len(known) == len(values)
    return Totals(
        voices=found,
        dimensions=tuple(_around(head) for head in heads),
        overall=overall,
        gap=max(known) - min(known) if parallel else None,
        veto=_veto(adjustments),
        faulty=faulty,
        nothing=nothing,
    )


def _leaves_out(sheet: Sheet) -> bool:
    return sheet.not_applicable in {None, NotApplicable.SPREAD}


def _anything(sheet: Sheet) -> Span:
    return Span(Fraction(0), None if sheet.total is None else fraction(sheet.total))


def _around(spans: Sequence[Span]) -> Span:
    """From the lowest to the highest of several."""
    highs = [span.high for span in spans if span.high is not None]
    return Span(min(span.low for span in spans), max(highs) if len(highs) == len(spans) else None)


def _veto(adjustments: Sequence[ItemScore]) -> bool | None:
    said = [one.occurred for one in adjustments if one.item.kind == "VETO"]
    return True if True in said else None if None in said else False


def _counted(sheet: Sheet, item: ItemScore, voice: str) -> Span:
    """The points of an item of a dimension; one that does not apply counts as the sheet says."""
    if item.applies is not False:
        return item.spans[voice]
    if sheet.not_applicable is NotApplicable.FULL and item.item.max is not None:
        return exactly(fraction(item.item.max))
    return NOTHING


def _voice(
    sheet: Sheet, items: Sequence[Sequence[ItemScore]], adjustments: Sequence[ItemScore], voice: str
) -> tuple[Span | None, list[Span]]:
    """The total of one scorer (``None`` if parts exceed their whole), and the points by dimension."""
    heads: list[Span] = []
    faulty = False
    for dimension, part in zip(sheet.dimensions, items, strict=True):
        cap = None if dimension.max is None else fraction(dimension.max)
        sum_ = added(_counted(sheet, item, voice) for item in part)
        head = capped(sum_, cap)
        faulty = faulty or head is None
        heads.append(head or Span(Fraction(0), cap))
    full = None if sheet.total is None else fraction(sheet.total)
    normal = capped(added(heads), full)
    if normal is None or faulty:
        return None, heads
    normal = _spread(sheet, items, normal)
    bonus = added(item.spans[voice] for item in adjustments if item.item.kind == "BONUS")
    penalty = added(item.spans[voice] for item in adjustments if item.item.kind == "PENALTY")
    high = added([normal, bonus]).high
    high = None if high is None else high - penalty.low
    low = Fraction(0) if penalty.high is None else normal.low + bonus.low - penalty.high
    top = full if sheet.capped else None
    low, high = max(low, Fraction(0)), None if high is None else max(high, Fraction(0))
    return Span(low if top is None else min(low, top), limited(high, top)), heads


def _spread(sheet: Sheet, items: Sequence[Sequence[ItemScore]], normal: Span) -> Span:
    """Points of items that do not apply, spread over the others in proportion to their maxima.

    An item whose scope is open counts as applying with anything between nothing and all: the total without
    it lies between these two.
    """
    if sheet.not_applicable is not NotApplicable.SPREAD:
        return normal
    every = [item for part in items for item in part]
    whole = sum((fraction(item.item.max or 0) for item in every), Fraction(0))
    left = sum((fraction(item.item.max or 0) for item in every if item.applies is not False), Fraction(0))
    if not left or left == whole:
        return normal
    factor = whole / left
    return Span(normal.low * factor, None if normal.high is None else normal.high * factor)


def _combined(sheet: Sheet, voices: Mapping[str, Span]) -> Span:
    """One total of parallel scorers; where no document says how, it lies between theirs."""
    spans = list(voices.values())
    if len(spans) == 1:
        return spans[0]
    if sheet.combine is Combination.LOWEST:
        return Span(min(span.low for span in spans), _lowest(spans))
    if sheet.combine is None and not sheet.shares:
        return _around(spans)
    share = {
        voice: fraction(sheet.shares[voice]) if sheet.shares else Fraction(1, len(spans)) for voice in voices
    }
    return added(
        Span(span.low * share[voice], None if span.high is None else span.high * share[voice])
        for voice, span in voices.items()
    )


def _lowest(spans: Sequence[Span]) -> Fraction | None:
    return min((span.high for span in spans if span.high is not None), default=None)


def passes(overall: Span, mark: ParameterValue | None) -> bool | None:
    """Whether a pass mark is reached: known before the total where best or worst case decides."""
    if mark is None or mark.value is None:
        return None
    line = fraction(mark.value)

    def reaches(points: Fraction) -> bool:
        return points > line if mark.operator == "GT" else points >= line

    if reaches(overall.low):
        return True
    return False if overall.high is not None and not reaches(overall.high) else None


def band_of(
    sheet: Sheet, totals: Totals, values: Mapping[str, ParameterValue]
) -> tuple[Band | None, list[Missing]]:
    """The band that best and worst case share, and the empty parameters that keep it open."""
    if not sheet.bands:
        return None, []
    lowest = sheet.bands[-1]
    if totals.veto:
        return lowest, []
    best, missing = _reached(sheet.bands, totals.overall.high, values)
    worst, more = _reached(sheet.bands, totals.overall.low, values)
    if totals.veto is None:
        worst, more = lowest, []
    same = best if best is not None and best is worst else None
    return same, [] if same is not None else list(dict.fromkeys([*missing, *more]))


def _reached(
    bands: Sequence[Band], points: Fraction | None, values: Mapping[str, ParameterValue]
) -> tuple[Band | None, list[Missing]]:
    """The band of a number of points; without a limit, the highest."""
    for band in bands:
        start = None if band.at_least is None else values[band.at_least].value
        if band.at_least is None or points is None or (start is not None and points >= fraction(start)):
            return band, []
        if start is None:
            return None, [Missing(MissingReason.PARAM_EMPTY, "", f"param.{band.at_least}")]
    raise AssertionError("the last band has no start")
