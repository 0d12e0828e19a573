"""Table analysis against enumeration: no gap, overlap or hidden row is missed, and none invented."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from rules_service.compile.table_analysis import MAX_GAPS, Fault, analyse, overlaps
from rules_service.compile.table_axes import Axis, Boxes, boxes_of
from rules_service.compile.table_space import Box, TooComplexError, uncovered
from tests.compile.random_tables import VALUES, built, domain, random_text, row_holds

BATCHES, TABLES = 60, 50  # together 3,000 tables

Point = tuple[Any, ...]


def _atom(axis: Axis, value: Any) -> int:
    """The number of the atom that a value belongs to."""
    for number, atom in enumerate(axis.atoms):
        if atom.case in {"true", "false"}:
            holds = (atom.case == "true") is value
        elif atom.case == "is":
            holds = atom.low == value
        elif atom.case == "other":
            holds = True  # the last one
        else:
            low, high, number_ = atom.low, atom.high, Fraction(value)
            holds = (low is None or low < number_) and (high is None or number_ < high)
        if holds:
            return number
    raise AssertionError(f"{value} lies in no atom of {axis.atoms}")


def _is_in(point: Point, box: Box, boxes: Boxes) -> bool:
    return all(
        part >> _atom(axis, value) & 1 for axis, part, value in zip(boxes.axes, box, point, strict=True)
    )


def _codes(faults: list[Fault], *codes: str) -> set[int]:
    return {fault.row for fault in faults if fault.code in codes}


def _compare(text: str) -> None:
    """Compare everything that is told of a table with what enumerating its cases shows."""
    table = built(text)
    source, boxes = table.layered.source, boxes_of(table, VALUES)
    names = [one.name for one in table.layered.document.inputs]
    points = list(product(*map(domain, names)))
    held = [{p for p in points if row_holds(names, row.cells, p)} for row in source.rows]
    faults = list(analyse(source, boxes))
    assert _codes(faults, "DT-IMPOSSIBLE") == {n for n, cases in enumerate(held, 1) if not cases}
    if source.document.hit == "collect":
        assert {fault.code for fault in faults} <= {"DT-IMPOSSIBLE"}
        return
    _compare_gaps(faults, set(points).difference(*held), boxes, otherwise=source.otherwise is not None)
    shared = {
        (one, two): held[one - 1] & held[two - 1] for two in range(1, len(held) + 1) for one in range(1, two)
    }
    found = {(one, two): case for one, two, case in overlaps(boxes.sure)}
    assert set(found) == {pair for pair, cases in shared.items() if cases}
    for pair, case in found.items():
        assert shared[pair] == {point for point in points if _is_in(point, case, boxes)}
    alike = {two for (one, two) in shared if held[one - 1] == held[two - 1] and held[two - 1]}
    assert _codes(faults, "DT-DUPLICATE", "DT-CONTRADICTION") == alike
    if source.document.hit == "unique":
        assert _codes(faults, "DT-OVERLAP") == {
            two for (one, two), cases in shared.items() if cases and held[one - 1] != held[two - 1]
        }
        return
    hidden = {n for n, cases in enumerate(held, 1) if cases and not cases.difference(*held[: n - 1])}
    masked = {two for (one, two) in shared if held[two - 1] and held[two - 1] <= held[one - 1]}
    assert _codes(faults, "DT-MASKED") == masked - alike
    assert _codes(faults, "DT-UNREACHABLE") == hidden - masked


def _compare_gaps(faults: list[Fault], left: set[Point], boxes: Boxes, *, otherwise: bool) -> None:
    told = [fault.case for fault in faults if fault.code == "DT-GAP" and fault.case is not None]
    if otherwise:
        assert not told
        assert any(fault.code == "DT-OTHERWISE-UNUSED" for fault in faults) is not bool(left)
        return
    within = {point for point in left if any(_is_in(point, case, boxes) for case in told)}
    names = [axis.title["en"].removeprefix("the ") for axis in boxes.axes]
    others = set(product(*map(domain, names))) - left
    covered = {point for point in others if any(_is_in(point, case, boxes) for case in told)}
    assert not covered, "a gap that is none"
    assert bool(told) is bool(left)
    if len(told) < MAX_GAPS:
        assert within == left, "a gap that is not told"
    for case in told:
        assert boxes.shown(case, "zh")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_analysis_agrees_with_enumeration(batch: int) -> None:
    """Gaps, overlaps, alike, masked, unreachable and impossible rows, and an otherwise that is never used."""
    random = Random(batch)  # noqa: S311 - no secret
    for _ in range(TABLES):
        hit = random.choice(["unique", "unique", "first", "first", "collect"])
        text = random_text(random, hit, random.randint(1, 6), random.randint(1, 3))
        try:
            _compare(text)
        except AssertionError as error:
            raise AssertionError(text) from error


def test_too_many_pieces_are_not_looked_through() -> None:
    """Rows that cut sixty inputs in halves, each in its own way, are given up rather than waited for."""
    random = Random(1)  # noqa: S311 - no secret
    rows = []
    for _ in range(500):
        fixed = random.sample(range(60), 3)
        rows.append(tuple(1 << random.randint(0, 1) if axis in fixed else 0b11 for axis in range(60)))
    with pytest.raises(TooComplexError):
        uncovered(rows, (0b11,) * 60)
