"""Cost items by the indicators that they are linked to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rules_service.facts.memo import Lookup
from rules_service.facts.missing import Absent
from rules_service.facts.source import Source
from rules_service.values.numbers import Ratio
from rules_service.values.outcomes import MissingReason

__all__ = ["NO_LINKS", "LinkedItem", "Links", "find_links"]

_UNKNOWN = MissingReason.UNKNOWN_CODE


class LinkedItem(NamedTuple):
    """A linked cost item: its place among the items, its quantity (fixed) and unit, its amount (分)."""

    place: int
    quantity: int | None
    unit: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class Links:
    """Detail items by indicator identifier.

    ``blocked`` says why no link is certain: the host can't hold them, or an item is linked to an
    indicator that no goal has, so that which one it belongs to is not known.  ``holds_…`` say whether
    the host holds the fields.  ``read`` gives a fact of the item at a place, or ``Missing``.
    ``quantities`` are the linked ones by identifier and unit, and ``factors`` those between units: both
    are worked out once a request.
    """

    by_indicator: dict[str, list[LinkedItem]]
    blocked: Absent | None
    holds_quantity: bool
    holds_unit: bool
    read: Callable[[str, int], Any]
    quantities: dict[tuple[str, str], list[int | Absent]] = field(default_factory=dict)
    factors: dict[tuple[str, str], Ratio | None] = field(default_factory=dict)

    @property
    def none(self) -> bool:
        """Whether it is certain that no item is linked to any indicator."""
        return not self.by_indicator and self.blocked is None


NO_LINKS = Links({}, None, holds_quantity=True, holds_unit=True, read=lambda _name, _place: None)
"""For requests that surely link nothing."""


def find_links(  # noqa: PLR0917 - what it reads, and what it reads with
    source: Source,
    goals: Iterable[Any],
    items: Iterable[Any],
    copies: Lookup[str, str],
    numbers: Lookup[str, int | None],
    read: Callable[[str, int], Any],
) -> Links:
    """Collect the links of all detail items; total rows are left out.

    ``copies`` gives working copies of texts, ``numbers`` reads decimals, ``read`` any fact of an item.
    """
    holds_quantity, holds_unit = source.holds("item", ("quantity",)), source.holds("item", ("quantity_unit",))
    for name in ("linked_indicator_ids", "is_total"):
        if not source.holds("item", (name,)):
            blocked = Absent(MissingReason.NOT_SENT, f"item.{name}", indices=(0,))
            return Links({}, blocked, holds_quantity, holds_unit, read)
    items = [(index, item) for index, item in enumerate(items) if item.linked_indicator_ids]
    if not items:
        return Links({}, None, holds_quantity, holds_unit, read)
    holds_amount = source.holds("item", ("amount_fen",))
    known = {copies[indicator.indicator_id] for goal in goals for indicator in goal.indicators}
    known.discard("")
    found: dict[str, list[LinkedItem]] = {}
    unknown: Absent | None = None
    for index, item in items:
        if item.is_total:
            continue
        identifiers = item.linked_indicator_ids
        amount = item.amount_fen if holds_amount and item.HasField("amount_fen") else None
        linked = LinkedItem(index, numbers[item.quantity], item.quantity_unit, amount)
        for position, raw in enumerate(identifiers):
            identifier = copies[raw]
            if identifier in known:
                found.setdefault(identifier, []).append(linked)
            elif identifier and unknown is None:
                unknown = Absent(_UNKNOWN, "item.linked_indicator_ids", f"[{position}]", (index,))
    return Links(found, unknown, holds_quantity, holds_unit, read)
