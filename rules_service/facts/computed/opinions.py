"""Facts of review opinions: which of several still stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["stands"]

Opinions = tuple[tuple[str | None, str, str, str, int | None, int | None], ...]


class _Author(NamedTuple):
    """Who gave an opinion: known codes, or else what was sent."""

    kind: str
    office: str


@computes(
    "opinion.stands",
    *("project:reviews", "object", "raw:reviewer_kind", "raw:office_code", "raw:result_raw"),
    *("reviewed_version_no", "reviewed_at"),
)
def stands(  # noqa: PLR0917 - the parts of an opinion
    context: FactContext,
    reviews: Opinions | None,
    reviewed: str | None,
    kind: str | None,
    office: str | None,
    result: str | None,
    version: int | None,
    day: int | None,
) -> bool | Absent:
    """Whether no later result overtakes it: of the same author, or on a newer version of the same object."""
    if reviews is None:
        return because("project:reviews")
    if reviewed is None:
        return because("object")
    if kind is None or office is None or result is None:
        of = {"raw:reviewer_kind": kind, "raw:office_code": office, "raw:result_raw": result}
        return because(next(name for name, text in of.items() if text is None))
    author = _author(context, kind, office)
    rivals = [
        (position, each)
        for position, each in enumerate(reviews)
        if each[0] in {reviewed, None}
        and each[3]
        and (_author(context, each[1], each[2]) == author or _newer(each[4], version))
    ]
    if day is None:
        own = bool(normalise(result))  # it stands among its rivals itself
        return True if len(rivals) <= own else because("reviewed_at")
    if any(each[0] is not None and each[5] is not None and each[5] > day for _, each in rivals):
        return False
    for position, each in rivals:
        if each[0] is None or each[5] is None:
            field = "object" if each[0] is None else "reviewed_at"
            return Absent(MissingReason.NOT_SENT, "project.reviews", f"[{position}].{field}", ())
    return True


def _author(context: FactContext, kind: str, office: str) -> _Author:
    return _Author(
        context.code("opinion.reviewer_kind", kind) or normalise(kind),
        context.code("opinion.office_code", office) or normalise(office),
    )


def _newer(other: int | None, version: int | None) -> bool:
    return other is not None and version is not None and other > version
