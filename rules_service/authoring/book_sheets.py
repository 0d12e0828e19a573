"""Score sheets in the rulebook: who scores what with how many points, and what the points come to."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.authoring.pages import Row
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.sheet_view import (
    Automatic,
    ByDeduction,
    ByFormula,
    ByOutcome,
    Deduction,
    Sheet,
    SheetItem,
)
from rules_service.compile.view import View
from rules_service.values.numbers import fixed_text

__all__ = ["ITEM_FIELDS", "SHEET_FIELDS", "SheetRows"]

SHEET_FIELDS = ("id", "title", "state", "scope", "scorers", "total", "pass_mark", "bands", "basis")
ITEM_FIELDS = ("sheet", "dimension", "item", "max", "scored", "evidence")


class SheetRows:
    """The rows of one view's sheets in one language."""

    def __init__(self, view: View, speaker: Speaker, texts: Texts) -> None:
        self._view = view
        self._speaker = speaker
        self._texts = texts

    def sheets(self) -> Iterator[Row]:
        """One row a sheet."""
        texts = self._texts
        for sheet in self._view.sheets:
            state = texts("sheet.template") if sheet.template else texts("say.active")
            scope = texts("say.everything") if sheet.applies is None else self._formula(sheet, sheet.applies)
            yield (
                (sheet.id,),
                (sheet.title.text(texts.language),),
                (state,),
                (scope,),
                tuple(self._scorers(sheet)),
                (self._points(sheet.total),),
                tuple(self._pass_marks(sheet)),
                tuple(self._bands(sheet)),
                tuple(self._speaker.basis(basis) for basis in sheet.basis),
            )

    def items(self) -> Iterator[Row]:
        """One row an item, with those beside the dimensions at the end."""
        for sheet in self._view.sheets:
            for dimension in sheet.dimensions:
                for item in dimension.items:
                    yield self._item(sheet, dimension.title.text(self._texts.language), item)
            for item in sheet.adjustments:
                yield self._item(sheet, self._texts(f"sheet.{item.kind}"), item)

    def left_open(self) -> Iterator[Row]:
        """What the documents of the sheets do not state."""
        language = self._texts.language
        for sheet in self._view.sheets:
            for what, why in sheet.left_open:
                title = sheet.title.text(language)
                yield (
                    (self._texts("sheet.open", sheet=title, what=what.text(language)),),
                    (why.text(language),),
                )

    def _item(self, sheet: Sheet, dimension: str, item: SheetItem) -> Row:
        scored = [self._by_people(item) if item.automatic is None else self._by_rules(sheet, item.automatic)]
        if item.applies is not None:
            scored.append(self._texts("sheet.applies", when=self._formula(sheet, item.applies)))
        points = "" if item.kind == "VETO" else self._points(item.max)
        title = item.title.text(self._texts.language)
        return (sheet.id,), (dimension,), (title,), (points,), tuple(scored), (self._texts.list(item.rules),)

    def _scorers(self, sheet: Sheet) -> Iterator[str]:
        texts = self._texts
        yield texts.list(sheet.scorers)
        if not sheet.parallel:
            return
        if sheet.shares:
            parts = [f"{name} {fixed_text(share, 10)}%" for name, share in sheet.shares.items()]
            yield texts("sheet.shares", shares=texts.list(parts))
        else:
            yield texts(f"sheet.{sheet.combine.value if sheet.combine is not None else 'uncombined'}")

    def _pass_marks(self, sheet: Sheet) -> Iterator[str]:
        for round_, name in sheet.pass_marks.items():
            words = self._speaker.parameter(name)
            yield self._texts("sheet.round", round=round_, words=words) if round_ else words

    def _bands(self, sheet: Sheet) -> Iterator[str]:
        for band in sheet.bands:
            words = "" if band.at_least is None else self._speaker.parameter(band.at_least)
            title = band.title.text(self._texts.language)
            yield self._texts("sheet.band", title=title, words=words) if words else title

    def _points(self, points: int | None) -> str:
        return self._texts("sheet.unstated") if points is None else fixed_text(points)

    def _by_people(self, item: SheetItem) -> str:
        return self._texts("sheet.by_people", scorers=self._texts.list(item.scorers))

    def _by_rules(self, sheet: Sheet, way: Automatic) -> str:
        texts = self._texts
        if isinstance(way, ByOutcome):
            given = [
                f"{texts(f'outcome.{name}')} {fixed_text(points)}" for name, points in way.points.items()
            ]
            return texts("sheet.by_outcome", rule=way.rule, points=texts.list(given))
        if isinstance(way, ByDeduction):
            said = [self._deduction(sheet, one) for one in way.deductions]
            return texts("sheet.by_deduction", deductions=texts.list(said))
        if isinstance(way, ByFormula):
            key = "sheet.by_share" if way.share else "sheet.by_score"
            return texts(key, value=self._formula(sheet, way.formula))
        when = way.rule if way.rule is not None else self._formula(sheet, way.formula or 0)
        return texts("sheet.occurs_rule" if way.rule is not None else "sheet.occurs", when=when)

    def _deduction(self, sheet: Sheet, one: Deduction) -> str:
        texts = self._texts
        if one.each is not None:
            most = "" if one.at_most is None else texts("sheet.at_most", points=fixed_text(one.at_most))
            return texts("sheet.each", rule=one.rule, points=fixed_text(one.each), most=most)
        when = one.rule if one.formula is None else self._formula(sheet, one.formula)
        key = "sheet.once_rule" if one.formula is None else "sheet.once"
        return texts(key, when=when, points=fixed_text(one.once or 0))

    def _formula(self, sheet: Sheet, number: int) -> str:
        return self._speaker.formula(sheet.formulas[number].typed)
