"""Facts of evaluations: what the ex-ante one has to cover, and which of several earlier ones decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.vocabulary import ContentSet
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["answered_items", "is_decisive", "required_contents", "required_items"]

_SET, _ITEMS = "ex_ante.content_set", "ex_ante.items"

Covered = tuple[tuple[str | None, str | None, bool | None], ...]
Evaluations = tuple[tuple[int | None, str | None, int | None], ...]


@computes(
    "project.ex_ante.required_contents",
    *(_SET, f"has:{_SET}", "project_category", "has:project_category"),
)
def required_contents(
    context: FactContext,
    chosen: str | None,
    given: bool | None,
    category: str | None,
    categorised: bool | None,
) -> tuple[str, ...] | Absent:
    """The contents of the set that the place demands, else of the one that was filed, and the extra ones."""
    extra = _extra(context, category, categorised)
    if isinstance(extra, Absent):
        return extra
    found = _content_set(context, chosen)
    if isinstance(found, Absent):
        return extra if extra and chosen is None and given is False else found
    return tuple(dict.fromkeys((*found.contents, *extra)))


@computes("project.ex_ante.required_items", _SET, f"has:{_SET}")
def required_items(context: FactContext, chosen: str | None, given: bool | None) -> int | Absent:
    """How many items that set has; 0 where it states no number, and where no set is to be followed."""
    if not context.required_content_set and chosen is None and given is False:
        return 0
    found = _content_set(context, chosen)
    return found if isinstance(found, Absent) else found.items


@computes("project.ex_ante.answered_items", _ITEMS, "ex_ante.required_contents")
def answered_items(
    _context: FactContext, items: Covered | None, required: tuple[str, ...] | None
) -> int | Absent:
    """How many different items under the required contents were answered; repeated ones count once."""
    if items is None:
        return because(_ITEMS)
    if required is None:
        return because("ex_ante.required_contents")
    found = set()
    for position, (content, item, answered) in enumerate(items):
        if content not in required or item is None:
            continue
        if answered is None:
            return Absent(MissingReason.NOT_SENT, "project.ex_ante.items", f"[{position}].answered")
        if answered:
            found.add((content, item))
    return len(found)


@computes("evaluation.is_decisive", "project:evaluations", "evaluated_year", "kind", "issued_at")
def is_decisive(
    context: FactContext,
    evaluations: Evaluations | None,
    year: int | None,
    kind: str | None,
    issued: int | None,
) -> bool | Absent:
    """Whether it is of the latest year, of the highest authority there, and the latest of these.

    Several of one kind, year and day all are.
    """
    if evaluations is None:
        return because("project:evaluations")
    if year is None:
        return because("evaluated_year")
    for position, (other, _, _) in enumerate(evaluations):
        if other is None:
            return _lacking(position, "evaluated_year")
    rivals = [
        (position, each)
        for position, each in enumerate(evaluations)
        if each[0] is not None and each[0] >= year
    ]
    if any(each[0] != year for _, each in rivals):
        return False
    if len(rivals) == 1:
        return True
    return _outranks(context, rivals, kind, issued)


def _outranks(
    context: FactContext,
    rivals: list[tuple[int, tuple[int | None, str | None, int | None]]],
    kind: str | None,
    issued: int | None,
) -> bool | Absent:
    """Among evaluations of one year: no other is of higher authority, or as high and later."""
    order = context.evaluation_authority
    for position, (_, other, _) in rivals:
        if other not in order:
            return _lacking(position, "kind")
    if kind is None or any(order.index(other) < order.index(kind) for _, (_, other, _) in rivals if other):
        return False
    equals = [(position, day) for position, (_, other, day) in rivals if other == kind]
    if len(equals) == 1:
        return True
    for position, day in equals:
        if day is None:
            return _lacking(position, "issued_at")
    return issued == max(day for _, day in equals if day is not None)


def _lacking(position: int, field: str) -> Absent:
    return Absent(MissingReason.NOT_SENT, "project.evaluations", f"[{position}].{field}", ())


def _extra(context: FactContext, category: str | None, categorised: bool | None) -> tuple[str, ...] | Absent:
    """The contents that the place demands besides for projects of this category."""
    if not context.extra_contents or category in context.extra_categories:
        return context.extra_contents
    return () if category is not None or categorised is False else because("project_category")


def _content_set(context: FactContext, chosen: str | None) -> ContentSet | Absent:
    name = context.required_content_set or chosen
    if name is None:
        return because(_SET)
    found = context.content_sets.get(name)
    return found if found is not None else Absent(MissingReason.UNKNOWN_CODE, _SET)
