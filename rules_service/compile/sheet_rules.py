"""Which score sheets a view has, and what checks that read scores rest on through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rules_service.compile.cache import Cache
from rules_service.compile.ceilings import weakest
from rules_service.compile.checks import BuiltCheck
from rules_service.compile.reading import codes_named
from rules_service.compile.sheet_view import Sheet
from rules_service.compile.sheets import (
    ROUND,
    BuiltSheet,
    LayeredSheet,
    build_sheet,
    layered_sheets,
    sheet_expressions,
    sheet_reads,
    view_sheet,
)
from rules_service.compile.view import ParameterValue
from rules_service.language.typed import Formula, ParameterType
from rules_service.model.catalogue import Catalogue
from rules_service.model.ruleset import LayerSource
from rules_service.model.subjects import SCORE

__all__ = ["SheetRules", "all_formulas", "sheet_codes", "sheets_read", "through_sheets"]

# What stands behind these facts, besides the points: parameters of the sheet.
_OF_PASS_MARK = frozenset({"score.passes", "score.pass_score", "score.has_pass_mark"})
_OF_BANDS = frozenset({"score.band", "score.excellent", "score.to_next_band", "score.has_bands"})


class SheetRules:
    """Types the sheets of views, each once for all views that agree in what it reads."""

    def __init__(self) -> None:
        self._built: Cache[tuple[object, ...], BuiltSheet] = Cache(4096)
        self._code_facts = [fact for fact in Catalogue.load() if "code" in {fact.kind, fact.element}]

    def built(
        self,
        layered: LayeredSheet,
        types: Mapping[str, ParameterType],
        codes: Mapping[str, frozenset[str]],
    ) -> BuiltSheet:
        """A typed sheet."""
        document = layered.document
        text = "\n".join(one.text for one in sheet_expressions(document))
        operators = tuple((name, types.get(name)) for name in sorted(sheet_reads(document)))
        named = sorted({ROUND, *codes_named(text, self._code_facts)})
        known = tuple((name, codes.get(name)) for name in named)
        key = (id(document), layered.layer, operators, known)
        return self._built.get(key, lambda: build_sheet(layered, types, codes))

    def of_view(
        self,
        layers: Sequence[LayerSource],
        values: Mapping[str, ParameterValue],
        types: Mapping[str, ParameterType],
        codes: Mapping[str, frozenset[str]],
        day: int,
    ) -> tuple[Sheet, ...]:
        """The sheets of active layers on a day; their formulas are numbered through."""
        sheets: list[Sheet] = []
        first = 0
        chain = [layer.region for layer in layers]
        for layered in layered_sheets(layers, day):
            sheet = view_sheet(self.built(layered, types, codes), layered, values, chain)
            sheets.append(replace(sheet, first=first))
            first += len(sheet.formulas)
        return tuple(sheets)


def all_formulas(sheets: Iterable[Sheet]) -> tuple[Formula, ...]:
    """The formulas of all sheets in the order of their numbers."""
    return tuple(formula for sheet in sheets for formula in sheet.formulas)


def sheet_codes(layers: Iterable[LayerSource]) -> dict[str, frozenset[str]]:
    """The words of the codes that sheets define: their ids and their bands."""
    sheets = [sheet for layer in layers for sheet in layer.score_sheets]
    return {
        f"{SCORE}.sheet_id": frozenset(sheet.id for sheet in sheets),
        f"{SCORE}.band": frozenset(band.code for sheet in sheets for band in sheet.bands),
    }


def sheets_read(made: BuiltCheck, sheets: Iterable[Sheet]) -> tuple[Sheet, ...] | None:
    """The sheets that a check is about: those in use, with a pass mark or bands if it reads these.

    ``None`` for a check that is not about sheets.
    """
    if made.unit is None or made.unit.subject != SCORE:
        return None
    facts = _facts_read(made)
    used = (sheet for sheet in sheets if not sheet.template)
    if facts & _OF_PASS_MARK:
        return tuple(sheet for sheet in used if sheet.pass_marks)
    if facts & _OF_BANDS:
        return tuple(sheet for sheet in used if sheet.bands)
    return tuple(used)


def _facts_read(made: BuiltCheck) -> frozenset[str]:
    unit = made.unit
    assert unit is not None
    typed = [unit.applies_when, unit.fails_when]
    typed += [*(one for _, one in unit.lets), *(one for _, one in unit.severity)]
    return frozenset().union(*(one.facts() for one in typed if one is not None))


def through_sheets(
    made: BuiltCheck, sheets: Iterable[Sheet], values: Mapping[str, ParameterValue]
) -> BuiltCheck:
    """A check with what it rests on through the sheets whose scores it reads.

    Pass marks and starts of bands count as if the check itself read them: they limit its severity, and it is
    dormant where all of them are empty. Where only some are, those cases stay open; and so they do where a
    veto decides the band without them.
    """
    used = sheets_read(made, sheets)
    if not used:
        return made
    facts = _facts_read(made)
    read: set[str] = set()
    for sheet in used:
        if facts & _OF_PASS_MARK:
            read.update(sheet.pass_marks.values())
        if facts & _OF_BANDS:
            read.update(band.at_least for band in sheet.bands if band.at_least is not None)
    vetoed = bool(facts & _OF_BANDS) and any(_has_veto(sheet) for sheet in used)
    all_empty = not vetoed and all(values[name].is_empty for name in read)
    return replace(
        made,
        failing=made.failing | read,
        needs=tuple(one | read for one in made.needs),
        optional=made.optional if all_empty else made.optional | read,
        points=weakest(sheet.proof for sheet in used),
    )


def _has_veto(sheet: Sheet) -> bool:
    return any(item.kind == "VETO" for item in sheet.adjustments)
