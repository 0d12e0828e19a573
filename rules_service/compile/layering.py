"""Overlays applied: which checks a region chain has on a day, with their severities, texts and switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules_service.compile.libraries import library_days
from rules_service.compile.reading import own_checks
from rules_service.compile.table_layers import LayeredTable, layered_tables, table_days
from rules_service.compile.texts import words
from rules_service.compile.view import BasisDoc, Words
from rules_service.model.check_documents import CheckDocument, SeverityDocument, TextDocument
from rules_service.model.fields import Bilingual
from rules_service.model.overlay_documents import LocalDocument, SeverityOverride
from rules_service.model.ruleset import LayerSource
from rules_service.model.sheet_documents import SheetDocument
from rules_service.values.outcomes import Proof

__all__ = ["LayeredCheck", "active_layers", "change_days", "in_force", "layered_checks"]


@dataclass(frozen=True, slots=True)
class LayeredCheck:
    """A check of one layer with what lower layers have made of it.

    ``raised_by`` is the proof of the document on which the last severity list rests, if it names one;
    ``raised_on`` is that document; ``off`` is the reason why a layer has switched the check off; ``layer``
    is where it is defined; ``tables`` are the decision tables of the place on the day.
    """

    document: CheckDocument
    layer: str
    is_root: bool
    levels: tuple[SeverityDocument, ...]
    raised_by: Proof | None
    title: Bilingual
    message: tuple[TextDocument, ...]
    remedy: tuple[TextDocument, ...]
    off: Words | None = None
    raised_on: BasisDoc | None = None
    override_allowed: bool = False
    tables: Mapping[str, LayeredTable] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, ...]:
        """Identity of everything that code and texts come from; documents live as long as their bundle."""
        return (id(self.document), id(self.levels), id(self.title), id(self.message), id(self.remedy))


def active_layers(chain: Sequence[LayerSource], day: int) -> tuple[LayerSource, ...]:
    """The layers of a chain that are in effect on a day."""
    return tuple(layer for layer in chain if _start(layer) is None or (_start(layer) or 0) <= day)


def _start(layer: LayerSource) -> int | None:
    return layer.overlay.effective_from if layer.overlay is not None else None


def change_days(chain: Sequence[LayerSource]) -> set[int]:
    """The days on which layers, checks, sheets, tables or libraries of a chain begin or have ended."""
    days: set[int] = set()
    for layer in chain:
        start = _start(layer)
        if start is not None:
            days.add(start)
        days |= library_days(layer) | table_days(layer)
        documents: list[CheckDocument | SheetDocument] = [*own_checks(layer), *layer.score_sheets]
        for document in documents:
            if document.effective_from is not None:
                days.add(document.effective_from)
            if document.effective_to is not None:
                days.add(document.effective_to + 1)
    return days


def layered_checks(layers: Sequence[LayerSource], day: int) -> list[LayeredCheck]:
    """The checks of active layers on a day, in order of layer and file, those switched off included."""
    checks: dict[str, LayeredCheck] = {}
    tables = layered_tables(layers, day)
    for layer in layers:
        if layer.overlay is not None:
            _change(checks, layer)
        for document in own_checks(layer):
            if in_force(document, day):
                checks[document.id] = LayeredCheck(
                    document=document,
                    layer=layer.region,
                    is_root=layer.overlay is None,
                    levels=document.severity,
                    raised_by=None,
                    title=document.title,
                    message=document.message,
                    remedy=document.remedy,
                    override_allowed=document.override_allowed,
                    tables=tables,
                )
    return list(checks.values())


def in_force(document: CheckDocument | SheetDocument, day: int) -> bool:
    """Whether a check or score sheet holds on a day."""
    started = document.effective_from is None or document.effective_from <= day
    return started and (document.effective_to is None or day <= document.effective_to)


def _change(checks: dict[str, LayeredCheck], layer: LayerSource) -> None:
    """Apply an overlay's severities, messages and switches to the checks it inherits."""
    overlay = layer.overlay
    assert overlay is not None
    documents = {document.id: document for document in overlay.documents}
    for severity in overlay.severity:
        check = checks.get(severity.name.text)
        if check is not None:
            checks[check.document.id] = _raised(check, severity.value, documents)
    for message in overlay.messages:
        check = checks.get(message.name.text)
        if check is not None:
            checks[check.document.id] = replace(
                check,
                title=message.value.title or check.title,
                message=message.value.message or check.message,
                remedy=message.value.remedy or check.remedy,
            )
    for off in overlay.off:
        check = checks.get(off.rule)
        if check is not None:
            checks[off.rule] = replace(check, off=words(off.reason))


def _raised(
    check: LayeredCheck, named: SeverityOverride, documents: Mapping[str, LocalDocument]
) -> LayeredCheck:
    """The check with the overlay's severities, and the document that they rest on."""
    allowed = check.override_allowed if named.override_allowed is None else named.override_allowed
    raised = replace(check, levels=named.levels, raised_by=None, raised_on=None, override_allowed=allowed)
    document = documents.get(named.document or "")
    if document is None:
        return raised
    proof = named.proof or document.proof
    title = " ".join(filter(None, (document.title, document.number)))
    note = words(document.note) if document.note is not None else None
    return replace(raised, raised_by=proof, raised_on=BasisDoc(title, named.article or "", proof, note))
