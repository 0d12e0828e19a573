"""Cost items by the indicators that they are linked to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rules_service.facts.source import Source
from rules_service.facts.text import normalise

__all__ = ["LinkedItem", "Links", "find_links"]


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """A cost item as a link sees it: its place among the items, and its quantity as filed."""

    index: int
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Links:
    """Detail items by indicator identifier.

    ``unknown`` is the (item, link) of the first link to an indicator that no goal has: then which
    indicator an item belongs to is not known.  The other two say whether the host holds the fields.
    """

    by_indicator: dict[str, tuple[LinkedItem, ...]]
    unknown: tuple[int, int] | None
    holds_quantity: bool
    holds_unit: bool
    holds_links: bool
    holds_total: bool


def find_links(source: Source, goals: Iterable[Any], items: Iterable[Any]) -> Links:
    """Collect the links of all detail items; total rows are left out."""
    known = {normalise(indicator.indicator_id) for goal in goals for indicator in goal.indicators}
    found: dict[str, tuple[LinkedItem, ...]] = {}
    unknown: tuple[int, int] | None = None
    for index, item in enumerate(items):
        identifiers = item.linked_indicator_ids
        if not identifiers or item.is_total:
            continue
        linked = LinkedItem(index, item.quantity, item.quantity_unit)
        for position, raw in enumerate(identifiers):
            identifier = normalise(raw)
            if identifier in known:
                found[identifier] = (*found.get(identifier, ()), linked)
            elif identifier and unknown is None:
                unknown = (index, position)
    return Links(
        found,
        unknown,
        holds_quantity=source.holds("item", ("quantity",)),
        holds_unit=source.holds("item", ("quantity_unit",)),
        holds_links=source.holds("item", ("linked_indicator_ids",)),
        holds_total=source.holds("item", ("is_total",)),
    )
