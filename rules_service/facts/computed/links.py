"""Cost items by the indicators that they are linked to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rules_service.facts.memo import Lookup
from rules_service.facts.missing import Absent
from rules_service.facts.source import Source
from rules_service.values.numbers import Ratio

__all__ = ["LinkedItem", "Links", "find_links"]


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """A cost item as a link sees it: its place among the items, its quantity (fixed) and unit."""

    index: int
    quantity: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Links:
    """Detail items by indicator identifier.

    ``unknown`` is the (item, link) of the first link to an indicator that no goal has: then which
    indicator an item belongs to is not known.  ``holds_…`` say whether the host holds the fields.
    ``quantities`` are the linked ones by identifier and unit, and ``factors`` those between units: both
    are worked out once a request.
    """

    by_indicator: dict[str, list[LinkedItem]]
    unknown: tuple[int, int] | None
    holds_quantity: bool
    holds_unit: bool
    holds_links: bool
    holds_total: bool
    quantities: dict[tuple[str, str], list[int | Absent]] = field(default_factory=dict)
    factors: dict[tuple[str, str], Ratio | None] = field(default_factory=dict)


def find_links(
    source: Source,
    goals: Iterable[Any],
    items: Iterable[Any],
    copies: Lookup[str, str],
    numbers: Lookup[str, int | None],
) -> Links:
    """Collect the links of all detail items; total rows are left out.

    ``copies`` gives working copies of texts, ``numbers`` reads decimals.
    """
    known = {copies[indicator.indicator_id] for goal in goals for indicator in goal.indicators}
    found: dict[str, list[LinkedItem]] = {}
    unknown: tuple[int, int] | None = None
    for index, item in enumerate(items):
        identifiers = item.linked_indicator_ids
        if not identifiers or item.is_total:
            continue
        linked = LinkedItem(index, numbers[item.quantity], item.quantity_unit)
        for position, raw in enumerate(identifiers):
            identifier = copies[raw]
            if identifier in known:
                found.setdefault(identifier, []).append(linked)
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
