"""Which decision tables a region chain has on a day: the lowest layer's of each name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableSource
from rules_service.model.ruleset import LayerSource

__all__ = ["LayeredTable", "layered_tables", "table_days"]


@dataclass(frozen=True, slots=True)
class LayeredTable:
    """A table, and the layer that gives it."""

    source: TableSource
    layer: str
    is_root: bool

    @property
    def document(self) -> TableDocument:
        """Its head."""
        return self.source.document


def layered_tables(layers: Iterable[LayerSource], day: int) -> dict[str, LayeredTable]:
    """The tables of active layers on a day; a lower layer's replaces one of the same name."""
    return {
        source.document.table: LayeredTable(source, layer.region, layer.overlay is None)
        for layer in layers
        for source in layer.tables
        if _in_force(source.document, day)
    }


def _in_force(document: TableDocument, day: int) -> bool:
    start, end = document.effective_from, document.effective_to
    return (start is None or start <= day) and (end is None or day <= end)


def table_days(layer: LayerSource) -> set[int]:
    """The days on which the tables of a layer begin, and after which they end."""
    starts = (one.document.effective_from for one in layer.tables)
    ends = (one.document.effective_to for one in layer.tables)
    return {day for day in starts if day is not None} | {day + 1 for day in ends if day is not None}
