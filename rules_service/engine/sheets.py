"""Works out the score sheets of one answer, between the two strata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from rules_service.compile.sheet_view import Band, Dimension, Sheet, SheetItem
from rules_service.compile.sheets import ROUND
from rules_service.compile.view import ParameterValue
from rules_service.engine.conclude import DecisionFact, band_fact
from rules_service.engine.places import UNSENT
from rules_service.engine.prepared import Language, Prepared
from rules_service.engine.score_answer import SheetWriter
from rules_service.engine.score_facts import with_scores
from rules_service.engine.score_items import Entries, ItemScore, Source, score_item
from rules_service.engine.scoring import PassMark, Scored, Totals, band_of, passes, totals_of
from rules_service.engine.spans import fraction
from rules_service.facts.context import FactContext
from rules_service.facts.extract import FactSet
from rules_service.facts.fields import plain_fact
from rules_service.facts.missing import Missing
from rules_service.facts.text import normalise
from rules_service.model.subjects import SCORE, SUBJECTS
from rules_service.pb.budget.rules.v1.application_pb2 import ScoreEntry, ScoreSheet
from rules_service.pb.budget.rules.v1.score_pb2 import ScoreSheetResult
from rules_service.values.outcomes import MissingReason

__all__ = ["AnswerSheets", "sheets_of"]

_SECTION = plain_fact(SUBJECTS[SCORE].list_fact).section


class _Run:
    """The sheets of one request."""

    def __init__(
        self,
        facts: FactSet,
        context: FactContext,
        values: Mapping[str, ParameterValue],
        source: Source,
    ) -> None:
        self._context = context
        self._values = values
        self._source = source
        sent = facts.source.provides(_SECTION) and facts.source.holds("project", ("score_sheets",))
        listed = facts.root.project.score_sheets if sent else ()
        self._sent = {sheet.sheet_id: (index, sheet) for index, sheet in enumerate(listed)}
        self._holds_round = facts.source.holds(SCORE, ("round",))

    def applies(self, sheet: Sheet) -> tuple[bool | None, list[Missing]]:
        """Whether a sheet applies to the project, and what is missing to tell."""
        if sheet.applies is None:
            return True, []
        return self._source.compute(sheet.first + sheet.applies)

    def scored(self, sheet: Sheet) -> Scored | None:
        """A sheet worked out; ``None`` if it does not apply to the project."""
        index, message = self._sent.get(sheet.id, (None, None))
        path = UNSENT if index is None else f"{UNSENT}[{index}]"
        applies, unknown = self.applies(sheet)
        if applies is False:
            return None
        if applies is None:
            return _undecided(sheet, path, unknown)
        entries, ignored = _entries(sheet, path, message)
        items = tuple(
            tuple(self._item(sheet, dimension, item, entries) for item in dimension.items)
            for dimension in sheet.dimensions
        )
        adjustments = tuple(self._item(sheet, None, item, entries) for item in sheet.adjustments)
        totals = totals_of(sheet, items, adjustments)
        round_, round_missing = self._round(path, message)
        mark = self._pass_mark(sheet, round_, round_missing)
        band, unset = band_of(sheet, totals, self._values)
        lacking = _lacking(sheet, path, totals, [item for part in items for item in part], adjustments)
        vetoes = [one for item in adjustments if item.item.kind == "VETO" for one in item.lacking]
        return Scored(
            sheet=sheet,
            items=items,
            adjustments=adjustments,
            totals=totals,
            round=round_,
            round_missing=round_missing,
            pass_mark=mark,
            passes=passes(totals.overall, mark.parameter) if mark is not None else None,
            band=band,
            to_next_band=self._to_next(sheet, totals, band),
            lacking=tuple(lacking),
            band_lacking=tuple(dict.fromkeys([*lacking, *vetoes, *unset])),
            ignored=ignored,
            path=path,
            message=message or ScoreSheet(sheet_id=sheet.id),
        )

    def _item(
        self, sheet: Sheet, dimension: Dimension | None, item: SheetItem, entries: Entries
    ) -> ItemScore:
        return score_item(sheet, dimension, item, entries, self._source)

    def _round(self, path: str, message: ScoreSheet | None) -> tuple[str | None, Missing | None]:
        """The round of the review in which the sheet was filled in."""
        place = path if message is None else f"{path}.round"
        if message is None or not self._holds_round or not normalise(message.round):
            return None, Missing(MissingReason.NOT_SENT, place, ROUND)
        known = self._context.code(ROUND, message.round)
        if known is None:
            return None, Missing(MissingReason.UNKNOWN_CODE, place, ROUND)
        return known, None

    def _pass_mark(self, sheet: Sheet, round_: str | None, missing: Missing | None) -> PassMark | None:
        marks = sheet.pass_marks
        if not marks:
            return None
        if "" not in marks and round_ is None:
            return PassMark(None, missing)
        name = marks.get("") or marks.get(round_ or "")
        if name is None:  # a round of the vocabulary for which the sheet has no mark
            return PassMark(None, Missing(MissingReason.UNKNOWN_CODE, "", ROUND))
        value = self._values[name]
        if value.value is None:
            return PassMark(value, Missing(MissingReason.PARAM_EMPTY, "", f"param.{name}"))
        return PassMark(value, None)

    def _to_next(self, sheet: Sheet, totals: Totals, band: Band | None) -> Fraction | None:
        """The points short of the next higher band; ``None`` in the highest, after a veto, or while open."""
        total = totals.overall.value
        if band is None or total is None or totals.veto:
            return None
        place = sheet.bands.index(band)
        above = sheet.bands[place - 1].at_least if place else None
        return None if above is None else fraction(self._values[above].value) - total


@dataclass(frozen=True, slots=True)
class AnswerSheets:
    """The sheets of one answer.

    ``facts`` hold their rows; ``bands`` is what the conclusions may know; ``results`` is what is answered.
    """

    facts: FactSet
    scored: tuple[Scored, ...]
    bands: tuple[DecisionFact, ...]
    results: tuple[ScoreSheetResult, ...]


def sheets_of(prepared: Prepared, facts: FactSet, source: Source, language: Language) -> AnswerSheets:
    """Work out every sheet of a view that applies to a request."""
    view = prepared.view
    run = _Run(facts, prepared.extractor.context, view.parameters, source)
    writer = SheetWriter(prepared, language, classified=facts.root.project.classified, seen=source.seen)
    scored: list[Scored] = []
    results: list[ScoreSheetResult] = []
    for sheet in view.sheets:
        if sheet.template:
            if run.applies(sheet)[0] is not False:
                results.append(writer.template(sheet))
        elif (one := run.scored(sheet)) is not None:
            scored.append(one)
            results.append(writer.scored(one))
    known = {one.sheet.id for one in scored}
    for index, sent in enumerate(facts.root.project.score_sheets):
        if sent.sheet_id not in known:
            results.append(writer.unknown(sent.sheet_id, f"{UNSENT}[{index}]"))
    made = tuple((one.message, one.path) for one in scored)
    rows = with_scores(view.layout, facts.project, scored)
    return AnswerSheets(
        facts=replace(facts, project=rows, made=made),
        scored=tuple(scored),
        bands=tuple(band_fact(one.sheet.id, one.band.code) for one in scored if one.band is not None),
        results=tuple(results),
    )


def _undecided(sheet: Sheet, path: str, lacking: list[Missing]) -> Scored:
    found = tuple(dict.fromkeys(lacking))
    return Scored(
        sheet=sheet,
        items=(),
        adjustments=(),
        totals=None,
        round=None,
        round_missing=None,
        pass_mark=None,
        passes=None,
        band=None,
        to_next_band=None,
        lacking=found,
        band_lacking=found,
        ignored=(),
        path=path,
        message=ScoreSheet(sheet_id=sheet.id),
    )


def _entries(sheet: Sheet, path: str, message: ScoreSheet | None) -> tuple[Entries, tuple[str, ...]]:
    """The entries by item and scorer, and the paths of those that belong to none."""
    if message is None:
        return Entries(path, {}), ()
    items = {item.code: item for item in (*_normal(sheet), *sheet.adjustments)}
    found: dict[tuple[str, str], tuple[tuple[str, ScoreEntry], ...]] = {}
    ignored = []
    for index, entry in enumerate(message.items):
        place = f"{path}.items[{index}]"
        item = items.get(entry.item_code.strip())
        scorer = entry.scorer.strip()
        if item is not None and not scorer and len(item.scorers) == 1:
            scorer = item.scorers[0]
        if item is None or scorer not in item.scorers:
            ignored.append(place)
            continue
        key = (item.code, scorer)
        found[key] = (*found.get(key, ()), (place, entry))
    return Entries(f"{path}.items", found), tuple(ignored)


def _normal(sheet: Sheet) -> list[SheetItem]:
    return [item for dimension in sheet.dimensions for item in dimension.items]


def _lacking(
    sheet: Sheet, path: str, totals: Totals, items: list[ItemScore], adjustments: tuple[ItemScore, ...]
) -> list[Missing]:
    """What keeps the total open."""
    if totals.faulty:
        return [Missing(MissingReason.UNPARSEABLE, f"{path}.items", f"{SCORE}.total")]
    if totals.nothing:
        return [Missing(MissingReason.EMPTY_LIST, path, f"{SCORE}.total")]
    counted = [*items, *(one for one in adjustments if one.item.kind != "VETO")]
    found = [missing for one in counted for missing in one.lacking]
    if not found and totals.overall.value is None:  # scorers differ, and nothing says how they combine
        found = [Missing(MissingReason.PARAM_EMPTY, path, f"{sheet.id}.combine")]
    return list(dict.fromkeys(found))
