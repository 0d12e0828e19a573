"""Lint of tables of standards: two rows for one case, parts without a whole, unknown units, gaps in dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain, pairwise
from typing import Final

from rules_service.compile.parameters import Parameters
from rules_service.compile.standards import BINDING, REFERENCE, Choice, usable
from rules_service.facts.standard_matching import Standard
from rules_service.facts.text import normalise
from rules_service.facts.units import UnitTable
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.ruleset import LayerSource
from rules_service.model.standard_rows import PRICE_KINDS, StandardRow
from rules_service.model.table_limits import MAX_FAULTS
from rules_service.values.dates import date_text
from rules_service.values.outcomes import ValueSource

__all__ = ["lint_named", "lint_offered", "lint_rows", "lint_units"]

_MONEY_KINDS: Final = PRICE_KINDS | {"FLOOR", "UNIT_COST"}
_COUNTED: Final = {"DAYS": "天", "HEADCOUNT": "人"}
_SHARE: Final = "比例"

Case = tuple[object, ...]
Fault = tuple[str, StandardRow, dict[str, object]]


def lint_rows(layer: LayerSource, found: Diagnostics) -> None:
    """Faults of a layer's rows among themselves."""
    rows = layer.standards
    undated = (row for row in rows if row.effective_from is None and layer.overlay is not None)
    _report(chain(_parts(rows), _equal(rows), (("STANDARD-UNDATED", row, {}) for row in undated)), found)


def lint_named(parameters: Parameters, layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """Whom standards bind is for documents to say, in words that the tables use."""
    known = {normalise(row.applies_to) for layer in layers for row in layer.standards if row.applies_to}
    for name in (BINDING, REFERENCE):
        definition = parameters.definitions.get(name)
        for dated in chain.from_iterable(definition.by_region.values()) if definition is not None else ():
            if name == BINDING and dated.value and dated.source is not ValueSource.SOURCED:
                found.add("BINDING-WITHOUT-DOCUMENT", dated.place)
            for word in dated.value:
                if word not in known:
                    near = get_close_matches(word, sorted(known), 1, 0.3)
                    found.add("STANDARD-APPLIES-TO", dated.place, word=word, near="、".join(near) or "–")


def lint_offered(layer: LayerSource, chosen: Choice, found: Diagnostics) -> None:
    """Rows for different bodies that are used side by side in a place, and fit the same case."""
    _report(_offered(usable(layer, chosen), chosen), found)


def lint_units(layer: LayerSource, units: UnitTable, found: Diagnostics) -> None:
    """Units that nothing can be converted to."""
    fitting: dict[tuple[str, str, str], bool] = {}
    used: dict[str, set[str]] = {}
    for row in layer.standards:
        if row.value is not None:
            key = (row.limit_kind, row.unit, row.tier_unit)
            if key not in fitting:
                fitting[key] = _unit_fits(*key, units)
            if fitting[key]:
                used.setdefault(row.limit_kind, set()).add(row.unit)
    wrong = (
        row
        for row in layer.standards
        if row.value is not None and not fitting[row.limit_kind, row.unit, row.tier_unit]
    )
    _report((("STANDARD-UNIT", row, _near(row, used)) for row in wrong), found)


def _report(faults: Iterable[Fault], found: Diagnostics) -> None:
    """Note faults by the rows that they stand in, as many as someone may want to read."""
    for number, (code, row, values) in enumerate(faults):
        if number >= MAX_FAULTS:
            found.add("STANDARD-MANY", row.source, limit=MAX_FAULTS)
            return
        found.add(code, row.source, id=row.standard_id, **values)


def _unit_fits(kind: str, unit: str, tier_unit: str, units: UnitTable) -> bool:
    if kind in _MONEY_KINDS:
        return units.is_price(unit)
    if kind == "FACTOR":
        return unit.partition("/")[0] == _SHARE and (not tier_unit or bool(units.code(tier_unit)))
    return kind not in _COUNTED or units.code(unit) == _COUNTED[kind]


def _near(row: StandardRow, used: Mapping[str, set[str]]) -> dict[str, object]:
    near = get_close_matches(row.unit, sorted(used.get(row.limit_kind, ())), 2, 0.3)
    return {"unit": row.unit, "near": "、".join(near) or "–"}


def _parts(rows: Sequence[StandardRow]) -> Iterator[Fault]:
    known = {row.standard_id: row for row in rows}
    for row in rows:
        if row.part_of:
            whole = known.get(row.part_of)
            if whole is None or whole.part_of or whole.limit_kind != "CAP" or whole.value is None:
                yield "STANDARD-WHOLE", row, {"whole": row.part_of}


def _equal(rows: Iterable[StandardRow]) -> Iterator[Fault]:
    """Two rows that match the same thing on the same day would be a coin toss; a gap may be meant."""
    by_case: dict[Case, list[StandardRow]] = {}
    for row in rows:
        if row.effective_from is not None:  # an undated row is never chosen
            for case in _cases(row):
                by_case.setdefault((row.applies_to, *case), []).append(row)
    told = set()
    for group in by_case.values():
        group.sort(key=lambda row: row.effective_from or 0)
        for first, second in pairwise(group):
            fault = _beside(first, second)
            if fault is not None and (fault[0], first.source, second.source) not in told:
                told.add((fault[0], first.source, second.source))
                yield fault


def _offered(rows: Iterable[StandardRow], chosen: Choice) -> Iterator[Fault]:
    by_case: dict[Case, list[StandardRow]] = {}
    for row in rows:
        is_bound = normalise(row.applies_to) in chosen.bound
        for case in _cases(row):
            group = by_case.setdefault((is_bound, *case), [])
            for first in group:
                if first.applies_to != row.applies_to and _overlap(first, row):
                    yield _equal_fault(first, row)
            group.append(row)


def _beside(first: StandardRow, second: StandardRow) -> Fault | None:
    """What is wrong with two rows for one case, the second beginning later or on the same day."""
    if _overlap(first, second):
        return _equal_fault(first, second)
    end, start = first.effective_to, second.effective_from
    if end is None or start is None or end + 1 >= start:
        return None
    values = {"other": first.standard_id, "start": date_text(end + 1), "end": date_text(start - 1)}
    return "STANDARD-GAP", second, {**values}


def _equal_fault(first: StandardRow, second: StandardRow) -> Fault:
    file, line, _ = first.source
    return "STANDARD-EQUAL", second, {"other": first.standard_id, "file": file, "line": line}


def _cases(row: StandardRow) -> Iterator[Case]:
    """What a row is for, once for each name, place and grade that it names."""
    made = Standard.of(row, 0, None)
    kind = "PRICE" if row.limit_kind in PRICE_KINDS else row.limit_kind
    rest = (kind, normalise(row.category), row.part_of, made.season, made.spec, row.scope, row.tier_above)
    for name, _ in made.items:
        for place in made.places or {""}:
            for grade in made.grades or ("",):
                yield (name, place, grade, *rest)


def _overlap(first: StandardRow, second: StandardRow) -> bool:
    if first.effective_from is None or second.effective_from is None:
        return False
    ends = [row.effective_to for row in (first, second) if row.effective_to is not None]
    start = max(first.effective_from, second.effective_from)
    return all(start <= end for end in ends)
