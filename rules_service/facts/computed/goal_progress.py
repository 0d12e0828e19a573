"""Facts of a report's indicators taken together, and of the reports before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rules_service.facts.computed.joins import Place
from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.numbers import SCALE, Ratio, ratio, ratio_add, reduced
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["due_indicators", "goal_progress", "superseded"]

Values = Sequence[Ratio | None]
_EACH = ("each:actual:reached_by", "each:actual:expected_share")


@computes("report.due_indicators", *_EACH)
def due_indicators(
    _context: FactContext, ways: Sequence[str | None] | None, shares: Values | None
) -> int | Absent:
    """How many of the indicators reported on can be measured and are due, in part or all."""
    found = _due(ways, shares)
    return found if isinstance(found, Absent) else len(found)


@computes("report.goal_progress", *_EACH, "each:actual:completion", "each:actual:weight", "@unreported")
def goal_progress(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    ways: Sequence[str | None] | None,
    shares: Values | None,
    completions: Values | None,
    weights: Sequence[int | None] | None,
    unreported: Sequence[Place] | None,
) -> Ratio | Absent:
    """Σ weight × completion, of which no more than 1 counts, over Σ weight of the indicators that are due.

    An indicator of the goal that the report leaves out leaves it unknown, and so does a missing weight,
    unless the place lets all indicators count alike.
    """
    due = _due(ways, shares)
    if isinstance(due, Absent):
        return due
    if unreported is None:
        return because("@unreported")
    if unreported:
        return Absent(MissingReason.NOT_SENT, "report.actuals")
    if completions is None or weights is None:
        return because("each:actual:completion")
    done: Ratio = (0, 1)
    total = 0
    for place in due:
        completion = completions[place]
        weight = SCALE if context.equal_weights else weights[place]
        if completion is None or weight is None:
            name = "completion" if completion is None else "weight"
            return Absent(of=f"actual.{name}", indices=(place,))
        counted = completion if completion[0] < completion[1] else (1, 1)
        done = reduced(ratio_add(done, (weight * counted[0], counted[1])))
        total += weight
    found = ratio(done[0], done[1] * total)
    return reduced(found) if found else Absent(MissingReason.EMPTY_LIST, "report.actuals")


def _due(ways: Sequence[str | None] | None, shares: Values | None) -> list[int] | Absent:
    """The places of the rows that can be measured and of which something is expected."""
    if ways is None or shares is None:
        return because("each:actual:reached_by")
    due = []
    for place, (way, share) in enumerate(zip(ways, shares, strict=True)):
        if way is None:
            return Absent(of="actual.reached_by", indices=(place,))
        if way == "NONE":
            continue
        if share is None:
            return Absent(of="actual.expected_share", indices=(place,))
        if share[0] > 0:
            due.append(place)
    return due


@computes("prior_report.superseded", "checkpoint_id", "revision", "has:revision", "report:prior_reports")
def superseded(
    _context: FactContext,
    checkpoint: str | None,
    revision: int | None,
    has_revision: bool | None,
    siblings: tuple[tuple[str, int | None], ...] | None,
) -> bool | Absent:
    """Whether a later revision of the same checkpoint is there too; no revision counts as 0."""
    if checkpoint is None or siblings is None:
        return because("checkpoint_id" if checkpoint is None else "report:prior_reports")
    if revision is None and has_revision is not False:
        return because("revision")
    return bool(checkpoint) and any(
        other == checkpoint and (number or 0) > (revision or 0) for other, number in siblings
    )
