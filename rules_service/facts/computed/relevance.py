"""Facts of a goal beside its project and its indicators: shared keywords, quantities without an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.keywords import ENOUGH, shared
from rules_service.facts.measures import unit_text
from rules_service.facts.missing import Absent, because
from rules_service.facts.quantity import Quantity
from rules_service.facts.stated import Key, Stated, ends, key
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["numbers", "shared_keywords", "unmatched_quantities"]


@computes(
    "goal.shared_keywords",
    "keywords:goal_text",
    *(f"project:keywords:{name}" for name in ("project_name", "content_text", "unit_duties")),
    "each:indicator:lv3_name",
)
def shared_keywords(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    text: str | None,
    name: str | None,
    content: str | None,
    duties: str | None,
    indicators: Sequence[str | None] | None,
) -> int | Absent:
    """Keywords that goal or indicators share with the project, counted up to ``ENOUGH``.

    Of the texts that were sent; missing where these share none and others are not known.
    """
    others = [other for other in (name, content, duties) if other]
    found = shared(text, others) if text else 0
    for indicator in indicators or ():
        if found >= ENOUGH:
            break
        found += shared(context.keywords.read(indicator), others) if indicator else 0
    if found:
        return min(found, ENOUGH)
    for spec, known in (
        ("keywords:goal_text", text),
        ("project:keywords:project_name", name),
        ("project:keywords:content_text", content),
        ("project:keywords:unit_duties", duties),
        ("each:indicator:lv3_name", indicators),
    ):
        if known is None:
            return because(spec)
    assert indicators is not None
    return Absent(MissingReason.NOT_SENT, "goal.indicators") if None in indicators else 0


@computes(
    "indicator.numbers",
    *("parsed:target_raw", "target_value", "target_upper", "raw:unit_raw", "raw:unit_code"),
    "parsed:lv3_name",
)
def numbers(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    read: Quantity | None,
    filed: int | None,
    upper: int | None,
    unit_raw: str | None,
    unit_code: str | None,
    named: Quantity | None,
) -> frozenset[Key] | Absent:
    """All numbers that the indicator states: filed, in its value, in its name; for comparison only."""
    if read is None and filed is None:
        return because("raw:target_raw")
    if read is not None and read.status == "unparseable" and filed is None:
        return Absent(MissingReason.UNPARSEABLE, "indicator.target_raw")
    unit = unit_text(unit_raw, unit_code)
    found: set[Key] = set()
    for number in (filed, upper):
        if number is not None:
            found.add(key(context, number, unit))
    for text in (read, named):
        parts = [part for part in (text.all if text is not None else ()) if part.value is not None]
        for part in parts:
            found.update(key(context, number, part.unit or unit) for number in ends(part))
        # 1;1;1 of seven works: what they come to is stated too.
        if len(parts) > 1 and len({part.unit for part in parts}) == 1:
            total = sum(part.value for part in parts if part.value is not None)
            found.add(key(context, total, parts[0].unit or unit))
    return frozenset(found)


@computes(
    "goal.unmatched_quantities",
    *("stated:goal_text", "goal_budget_fen", "project:requested_fen", "project:total_fen"),
    "each:indicator:numbers",
)
def unmatched_quantities(
    _context: FactContext,
    text: Sequence[Stated] | None,
    goal_budget: int | None,
    requested: int | None,
    total: int | None,
    indicators: Sequence[frozenset[Key] | None] | None,
) -> tuple[str, ...] | Absent:
    """Quantities of the overall goal that no indicator states, as printed; the budget itself apart."""
    if text is None:
        return because("stated:goal_text")
    amounts = (goal_budget, requested, total)
    found = [
        part.printed
        for part in text
        if (part.fen is None or not any(part.fen == (amount, 1) for amount in amounts))
        and not any(keys and not part.keys.isdisjoint(keys) for keys in indicators or ())
    ]
    if not found:
        return ()
    if indicators is None:
        return because("each:indicator:numbers")
    if None in indicators:
        return Absent(MissingReason.UNPARSEABLE, "goal.indicators")
    return tuple(dict.fromkeys(found))
