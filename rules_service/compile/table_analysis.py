"""What is wrong with the rows of a decision table: gaps, overlaps, rows that never hold or are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rules_service.compile.table_axes import Boxes
from rules_service.compile.table_space import Box, common, gaps, is_within, uncovered
from rules_service.model.decision_table_rows import OTHERWISE, TableSource

__all__ = ["MAX_GAPS", "Fault", "analyse", "overlaps"]

MAX_GAPS: Final = 5
"""Gaps told of one table: whoever has more fills these first."""


class Fault(NamedTuple):
    """One fault: its code, the row (0: the table, or its other cases), another row, and a case."""

    code: str
    row: int = OTHERWISE
    other: int = OTHERWISE
    case: Box | None = None


def analyse(source: TableSource, boxes: Boxes) -> Iterator[Fault]:
    """The faults of a table's rows; raises ``TooComplexError``.

    Of tables that collect only rows that can never hold: they may leave gaps and overlap.
    """
    within = boxes.ranges
    possible = [row if all(row) else None for row in boxes.possible]
    sure = [row if all(row) else None for row in boxes.sure]
    yield from (Fault("DT-IMPOSSIBLE", number) for number, row in enumerate(possible, 1) if row is None)
    if source.document.hit == "collect":
        return
    yield from _alike(source, boxes.empty, sure)
    if source.document.hit == "unique":
        yield from _first_overlaps(source, sure)
    else:
        yield from _hidden(source, sure, possible)
    found = list(gaps(_there(possible), within, [axis.ordered for axis in boxes.axes], MAX_GAPS))
    if source.otherwise is None:
        yield from (Fault("DT-GAP", case=case) for case in found)
    elif not found and not boxes.empty:
        yield Fault("DT-OTHERWISE-UNUSED")


def overlaps(rows: Sequence[Box | None]) -> Iterator[tuple[int, int, Box]]:
    """Every two rows (from 1) that share something, and what they share."""
    for second, two in enumerate(rows):
        for first, one in enumerate(rows[:second]):
            shared = common(one, two) if one is not None and two is not None else None
            if shared is not None:
                yield first + 1, second + 1, shared


def _there(rows: Sequence[Box | None]) -> list[Box]:
    return [row for row in rows if row is not None]


def _alike(source: TableSource, empty: Sequence[str], sure: Sequence[Box | None]) -> Iterator[Fault]:
    """Rows that demand the same as one before them, and say the same or something else."""
    if empty:
        return  # what looks the same may come to differ
    first: dict[Box, int] = {}
    for row, box in zip(source.rows, sure, strict=True):
        if box is None:
            continue
        other = first.setdefault(box, row.number)
        if other != row.number:
            same = source.rows[other - 1].written[-1].text.strip() == row.written[-1].text.strip()
            yield Fault("DT-DUPLICATE" if same else "DT-CONTRADICTION", row.number, other)


def _first_overlaps(source: TableSource, sure: Sequence[Box | None]) -> Iterator[Fault]:
    """Of each row the first before it with which it shares something, unless both demand the same."""
    told: set[int] = set()
    for first, second, shared in overlaps(sure):
        if second not in told and sure[first - 1] != sure[second - 1]:
            told.add(second)
            yield Fault("DT-OVERLAP", source.rows[second - 1].number, first, shared)


def _hidden(
    source: TableSource, sure: Sequence[Box | None], possible: Sequence[Box | None]
) -> Iterator[Fault]:
    """Rows that those before them leave nothing: one alone, or several together."""
    for place, box in enumerate(possible):
        before = [(number, row) for number, row in enumerate(sure[:place], 1) if row is not None]
        if box is None or any(row == box for _, row in before):
            continue  # told otherwise
        masking = next((number for number, row in before if is_within(box, row)), None)
        if masking is not None:
            yield Fault("DT-MASKED", source.rows[place].number, masking)
        elif before and uncovered([row for _, row in before], box) is None:
            yield Fault("DT-UNREACHABLE", source.rows[place].number)
