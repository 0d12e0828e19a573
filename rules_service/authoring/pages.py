"""What rulebooks and tables consist of: titled tables whose cells hold several lines."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Page", "Row", "Table"]

Cell = tuple[str, ...]  # the lines of a cell
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header.

    ``tall`` tables have many long cells a row: where space is narrow each row becomes a section of its own,
    named by its first two cells.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A document in ``zh`` or ``en``: its title, pairs of name and value, a remark, and tables."""

    language: str

    title: str
    head: tuple[tuple[str, str], ...]
    remark: str
    tables: tuple[Table, ...]
