"""Facts of review opinions: which of several still stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["stands"]

# Object, kind of reviewer (code, text), office (code, text), result, version, day.
Opinions = tuple[
    tuple[str | None, str | None, str, str | None, str, str, int | None, int | None],
    ...,
]


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
        sent = {"raw:reviewer_kind": kind, "raw:office_code": office, "raw:result_raw": result}
        return because(next(name for name, text in sent.items() if text is None))
    author = _code(context, "reviewer_kind", kind), _code(context, "office_code", office)
    rivals = [
        (position, of, when)
        for position, (of, kind_, kind_text, office_, office_text, outcome, number, when) in enumerate(
            reviews
        )
        if of in {reviewed, None}
        and outcome
        and ((kind_ or kind_text, office_ or office_text) == author or _newer(number, version))
    ]
    if day is None:
        own = bool(normalise(result))  # it stands among its rivals itself
        return True if len(rivals) <= own else because("reviewed_at")
    later = [(position, of, when) for position, of, when in rivals if when is None or when > day]
    if any(of is not None and when is not None for _, of, when in later):
        return False
    for position, of, _ in later:
        field = "object" if of is None else "reviewed_at"
        return Absent(MissingReason.NOT_SENT, "project.reviews", f"[{position}].{field}", ())
    return True


def _code(context: FactContext, name: str, raw: str) -> str:
    """A known code, or else what was sent."""
    return context.code(f"opinion.{name}", raw) or normalise(raw)


def _newer(other: int | None, version: int | None) -> bool:
    return other is not None and version is not None and other > version
