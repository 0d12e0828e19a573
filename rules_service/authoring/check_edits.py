"""Small changes of one check: conditions, severities, reasons, exemptions, what it does without a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rules_service.authoring.edits import KindOf, Names, edits
from rules_service.language.formatting import write
from rules_service.language.parser import parse
from rules_service.language.tree import Expr
from rules_service.model.check_documents import CheckDocument, ReasonDocument, SeverityDocument
from rules_service.model.diagnostics import Source
from rules_service.model.nodes import Scalar
from rules_service.values.outcomes import Severity

__all__ = ["Changed", "check_edits", "step_edits"]

_LOWER: Mapping[Severity, Severity] = {
    Severity.BLOCK: Severity.RETURN,
    Severity.RETURN: Severity.WARN,
    Severity.WARN: Severity.INFO,
    Severity.RED: Severity.ORANGE,
    Severity.ORANGE: Severity.YELLOW,
    Severity.YELLOW: Severity.INFO,
}
_OTHER_WHEN_EMPTY = {"manual": "dormant", "dormant": "manual"}


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: ``kind``, the ``part`` of the document, what stood there and what stands there now.

    ``put`` are the fields of the document that are other.
    """

    kind: str
    part: str
    change: str
    source: Source
    put: Mapping[str, Any]


def check_edits(document: CheckDocument, parameter_kind: KindOf) -> Iterator[Changed]:
    """All changes of a check, in the order of its parts."""
    lets = {entry.name.text: root for entry in document.let if (root := _root(entry.value)) is not None}
    names = Names(lets, parameter_kind)
    yield from _scope(document, names)
    for position, entry in enumerate(document.let):
        yield from _condition(f"let.{entry.name}", entry.value, names, _let_putter(document, position))
    yield from _condition("fails_when", document.fails_when, names, lambda text: {"fails_when": text})
    for changed in step_edits(document.severity, names, document.mark.value("severity")):
        yield Changed(
            changed.kind, changed.part, changed.change, changed.source, {"severity": changed.put["levels"]}
        )
    yield from _reasons(document, names)
    for position, reason in enumerate(document.exempt_for):
        rest = document.exempt_for[:position] + document.exempt_for[position + 1 :]
        place = document.mark.value("exempt_for")
        yield Changed("exemption", "exempt_for", f"{reason} removed", place, {"exempt_for": rest})
    if document.when_empty is not None:
        other = _OTHER_WHEN_EMPTY[document.when_empty]
        place = document.mark.value("when_empty")
        yield Changed("empty", "when_empty", f"{document.when_empty} → {other}", place, {"when_empty": other})


def _scope(document: CheckDocument, names: Names) -> Iterator[Changed]:
    text = document.applies_when
    root = _root(text) if text is not None else None
    if text is None or root is None:
        return
    yield Changed("scope", "applies_when", "removed", text.source, {"applies_when": None})
    negated = Scalar(f"!({write(root, {})})", text.source)
    yield Changed("scope", "applies_when", "negated", text.source, {"applies_when": negated})
    yield from _condition("applies_when", text, names, lambda changed: {"applies_when": changed})


def _reasons(document: CheckDocument, names: Names) -> Iterator[Changed]:
    reasons = document.reason_code
    for position, reason in enumerate(reasons):
        if reason.when is not None:
            put = _case_putter("reason_code", reasons, position)
            yield from _condition(f"reason_code.{reason.code}", reason.when, names, put)
    if len(reasons) > 1:
        for position, reason in enumerate(reasons):
            place = document.mark.value("reason_code")
            rest = _without(reasons, position)
            yield Changed("reason", f"reason_code.{reason.code}", "removed", place, {"reason_code": rest})


def step_edits(steps: Sequence[SeverityDocument], names: Names, place: Source) -> Iterator[Changed]:
    """All changes of a list of severities; ``put`` holds the new ``levels``."""
    for position, step in enumerate(steps):
        if step.when is not None:
            put = _case_putter("levels", steps, position)
            yield from _condition(f"severity.{step.level.name}", step.when, names, put)
    for position, (high, low) in enumerate(pairwise(steps)):
        if high.level != low.level:
            swapped = [
                *steps[:position],
                high.model_copy(update={"level": low.level}),
                low.model_copy(update={"level": high.level}),
                *steps[position + 2 :],
            ]
            change = f"{high.level.name} ↔ {low.level.name}"
            yield Changed("severity", "severity", change, place, {"levels": tuple(swapped)})
    if len(steps) > 1:
        for position, step in enumerate(steps):
            rest = _without(steps, position)
            yield Changed("severity", f"severity.{step.level.name}", "removed", place, {"levels": rest})
    else:
        level = steps[0].level
        other = _LOWER.get(level, Severity.WARN if level is Severity.INFO else level)
        moved = (steps[0].model_copy(update={"level": other}),)
        yield Changed("severity", "severity", f"{level.name} → {other.name}", place, {"levels": moved})


def _without(
    items: Sequence[SeverityDocument] | Sequence[ReasonDocument], position: int
) -> tuple[SeverityDocument | ReasonDocument, ...]:
    """The cases without one of them; the last one that is left has no condition if the last one had none."""
    rest = [*items[:position], *items[position + 1 :]]
    if items[-1].when is None:
        rest[-1] = rest[-1].model_copy(update={"when": None})
    return tuple(rest)


def _replaced(items: Sequence[Any], position: int, item: Any) -> tuple[Any, ...]:
    return (*items[:position], item, *items[position + 1 :])


Putter = Callable[[Scalar], Mapping[str, Any]]
"""Fields of the document with a changed condition in its place."""


def _let_putter(document: CheckDocument, position: int) -> Putter:
    let = document.let
    return lambda text: {"let": _replaced(let, position, let[position]._replace(value=text))}


def _case_putter(
    field: str, cases: Sequence[SeverityDocument] | Sequence[ReasonDocument], position: int
) -> Putter:
    def put(text: Scalar) -> Mapping[str, Any]:
        return {field: _replaced(cases, position, cases[position].model_copy(update={"when": text}))}

    return put


def _condition(part: str, text: Scalar, names: Names, put: Putter) -> Iterator[Changed]:
    root = _root(text)
    for edit in edits(root, names) if root is not None else ():
        changed = Scalar(write(edit.root, {}), text.source)
        yield Changed(edit.kind, part, f"{edit.before} → {edit.after}", text.source, put(changed))


def _root(text: Scalar) -> Expr | None:
    return parse(text.text, text.source).root
