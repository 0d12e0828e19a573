"""Score sheets as an answer shows them; of a classified project only what is scored, by whom and whether."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from rules_service.compile.sheet_view import Dimension, Sheet
from rules_service.engine.prepared import Language, Prepared
from rules_service.engine.score_items import Given, ItemScore, Seen, voices_of
from rules_service.engine.scoring import Scored, Totals
from rules_service.engine.spans import Span, fraction
from rules_service.facts.missing import Missing
from rules_service.pb.budget.rules.v1 import application_pb2, result_pb2, score_pb2
from rules_service.values.kinds import SCORE

__all__ = ["SheetWriter"]

_POINTS = SCORE.as_ratio()
_STATE = score_pb2.ScoreSheetState


class SheetWriter:
    """Writes the results of one answer in one language."""

    def __init__(
        self, prepared: Prepared, language: Language, *, classified: bool, seen: Callable[[str], Seen]
    ) -> None:
        self._prepared = prepared
        self._language = language
        self._classified = classified
        self._seen = seen

    # -- sheets ----------------------------------------------------------------------------------

    def template(self, sheet: Sheet) -> score_pb2.ScoreSheetResult:
        """A sheet that the place has not filled in."""
        result = self._head(sheet, score_pb2.SCORE_SHEET_STATE_TEMPLATE)
        between = "；" if self._language == "zh" else "; "
        result.message = self._said(
            "TEMPLATE", why=between.join(what.text(self._language) for what, _ in sheet.left_open)
        )
        return result

    def unknown(self, sheet_id: str, path: str) -> score_pb2.ScoreSheetResult:
        """A sheet that was sent although it does not belong to the answer."""
        return score_pb2.ScoreSheetResult(
            sheet_id="" if self._classified else sheet_id,
            state=score_pb2.SCORE_SHEET_STATE_UNKNOWN,
            message=self._said("UNKNOWN"),
            ignored=[path],
        )

    def scored(self, one: Scored) -> score_pb2.ScoreSheetResult:
        """A sheet that applies, as far as it is known."""
        result = self._head(one.sheet, self._state(one))
        result.missing.extend(self._missing(one.lacking))
        if one.totals is None:
            result.message = self._said("UNDECIDED")
            return result
        result.ignored.extend(one.ignored)
        for dimension, items, span in zip(
            one.sheet.dimensions, one.items, one.totals.dimensions, strict=True
        ):
            self._dimension(result.dimensions.add(), dimension, items, span)
        for item in one.adjustments:
            self._item(result.adjustments.add(), item)
        if self._classified:
            return result
        self._totals(result, one, one.totals)
        result.message = self._message(one, one.totals)
        return result

    def _head(self, sheet: Sheet, state: _STATE.ValueType) -> score_pb2.ScoreSheetResult:
        parameters = [self._prepared.view.parameters[name] for name in sheet.parameters]
        return score_pb2.ScoreSheetResult(
            sheet_id=sheet.id,
            title=sheet.title.text(self._language),
            layer=sheet.layer,
            object=application_pb2.ScoredObject.Value(f"SCORED_OBJECT_{sheet.object.value}"),
            state=state,
            parameters=[self._prepared.parameter(one, self._language) for one in parameters],
            basis=[self._prepared.basis(one, self._language) for one in sheet.basis],
        )

    @staticmethod
    def _state(one: Scored) -> _STATE.ValueType:
        if one.totals is None:
            return score_pb2.SCORE_SHEET_STATE_UNDECIDED
        complete = one.total is not None and not any(item.lacking for item in one.every)
        return score_pb2.SCORE_SHEET_STATE_COMPLETE if complete else score_pb2.SCORE_SHEET_STATE_OPEN

    def _totals(self, result: score_pb2.ScoreSheetResult, one: Scored, totals: Totals) -> None:
        sheet = one.sheet
        result.round = one.round or ""
        self._points(result.full, None if sheet.total is None else fraction(sheet.total))
        self._points(result.total, one.total)
        self._points(result.best, totals.overall.high)
        self._points(result.worst, totals.overall.low)
        self._points(result.gap, totals.gap)
        for voice in voices_of(sheet) if sheet.parallel else ():
            span, entry = totals.voices[voice], result.scorers.add(scorer=voice)
            self._points(entry.total, span.value)
            self._points(entry.best, span.high)
            self._points(entry.worst, span.low)
        if one.band is not None:
            result.band, result.excellent = one.band.code, one.band.excellent
        if totals.veto is not None and any(item.item.kind == "VETO" for item in one.adjustments):
            result.veto = totals.veto
        mark = one.pass_mark.parameter if one.pass_mark is not None else None
        if mark is not None:
            result.pass_parameter = mark.id
            self._points(result.pass_score, None if mark.value is None else fraction(mark.value))
        if one.passes is not None:
            result.passes = one.passes

    def _message(self, one: Scored, totals: Totals) -> str:
        if totals.faulty:
            return self._said("FAULTY")
        open_ = [item for item in one.every if item.lacking]
        shown = {
            "total": self._shown(one.total),
            "best": self._shown(totals.overall.high),
            "worst": self._shown(totals.overall.low),
            "count": str(len(open_)),
        }
        if one.total is not None and not open_:
            return self._said("COMPLETE", **shown)
        limited = "OPEN" if totals.overall.high is not None else "OPEN_UNLIMITED"
        return self._said(limited, **shown)

    # -- items -----------------------------------------------------------------------------------

    def _dimension(
        self,
        entry: score_pb2.ScoreDimensionResult,
        dimension: Dimension,
        items: Sequence[ItemScore],
        span: Span,
    ) -> None:
        entry.code, entry.title = dimension.code, dimension.title.text(self._language)
        self._points(entry.max, None if dimension.max is None else fraction(dimension.max))
        if not self._classified:
            self._points(entry.best, span.high)
            self._points(entry.worst, span.low)
        for item in items:
            self._item(entry.items.add(), item)

    def _item(self, entry: score_pb2.ScoreItemResult, one: ItemScore) -> None:
        item = one.item
        entry.item_code, entry.title = item.code, item.title.text(self._language)
        entry.kind = score_pb2.ScoreItemKind.Value(f"SCORE_ITEM_KIND_{item.kind}")
        mode = "AUTO" if item.automatic is not None else "MANUAL"
        entry.mode = score_pb2.ScoreItemMode.Value(f"SCORE_ITEM_MODE_{mode}")
        self._points(entry.max, None if item.max is None else fraction(item.max))
        entry.reason = one.reason
        entry.message = self._text(f"score_item.{one.reason}", **self._words(one))
        entry.rules.extend(self._rule(rule) for rule in item.rules)
        entry.given.extend(self._given(given) for given in one.given)
        if self._classified:
            return
        if item.kind == "VETO":
            if one.occurred is not None:
                entry.occurred = one.occurred
            return
        highs = [span.high for span in one.spans.values()]
        limits = [high for high in highs if high is not None]
        if len(limits) == len(highs):
            self._points(entry.best, max(limits))
        self._points(entry.worst, min(span.low for span in one.spans.values()))

    def _words(self, one: ItemScore) -> dict[str, str]:
        between = "、" if self._language == "zh" else ", "
        late = [given.scorer for given in one.given if given.reason == one.reason]
        return {"rules": between.join(one.item.rules), "scorers": between.join(late)}

    def _given(self, given: Given) -> score_pb2.GivenScore:
        entry = score_pb2.GivenScore(scorer=given.scorer, reason=given.reason, path=given.path)
        if not self._classified:
            self._points(entry.score, given.points)
            if given.occurred is not None:
                entry.occurred = given.occurred
        return entry

    def _rule(self, rule: str) -> score_pb2.ScoredRule:
        """A rule as it came out before the scores; one that does not run here does not apply."""
        seen = self._seen(rule)
        check = self._prepared.rules.get(rule)
        return score_pb2.ScoredRule(
            rule_id=rule,
            title=check.title.text(self._language) if check is not None else "",
            outcome=result_pb2.Outcome.Value(f"OUTCOME_{seen.outcome or 'INDETERMINATE'}"),
            failed=seen.failed,
            undecided=seen.undecided,
        )

    # -- parts -----------------------------------------------------------------------------------

    def _missing(self, missing: Iterable[Missing]) -> list[result_pb2.MissingFact]:
        return [
            result_pb2.MissingFact(
                name=one.name,
                label=self._prepared.label(one.name, self._language),
                reason=one.reason.value,
                path=one.path,
                message=self._text(f"missing.{one.reason.value}"),
            )
            for one in missing
        ]

    def _points(self, entry: score_pb2.Points, points: Fraction | None) -> None:
        if points is not None:
            entry.numerator, entry.denominator = str(points.numerator), str(points.denominator)
            entry.display = self._shown(points)

    def _shown(self, points: Fraction | None) -> str:
        if points is None:
            return ""
        return self._prepared.display((points.numerator, points.denominator), _POINTS, self._language)

    def _said(self, state: str, **values: str) -> str:
        """What is said of a sheet."""
        return self._text(f"score_sheet.{state}", **values)

    def _text(self, key: str, **values: str) -> str:
        return self._prepared.text(key, self._language, **values)
