"""Documents of overlays: what a place changes of the rules it inherits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from rules_service.model.check_documents import CheckDocument, ProofMark, SeverityDocument, Texts
from rules_service.model.fields import (
    Bilingual,
    Code,
    Day,
    Document,
    Entries,
    Flag,
    Identifier,
    Text,
    fault,
)
from rules_service.model.parameter_documents import DatedValues

__all__ = [
    "LocalDocument",
    "LockDocument",
    "MessageOverride",
    "OffDocument",
    "OpenPoint",
    "OverlayDocument",
    "SeverityOverride",
]


class LocalDocument(Document):
    """A document of the place, on which its changes rest."""

    id: Identifier
    title: Text
    number: Text | None = None
    proof: ProofMark
    note: Bilingual | None = None


class SeverityOverride(Document):
    """A severity list that replaces the inherited one whole; with a document it may lift a ceiling.

    ``override_allowed`` says whether the document's wording leaves room for people (“原则上”).
    """

    levels: Annotated[tuple[SeverityDocument, ...], Field(min_length=1)]
    document: Identifier | None = None
    article: Text | None = None
    proof: ProofMark | None = None
    override_allowed: Flag | None = None


class MessageOverride(Document):
    """Texts that replace those of a check."""

    title: Bilingual | None = None
    message: Texts | None = None
    remedy: Texts | None = None

    @model_validator(mode="after")
    def _something(self) -> MessageOverride:
        if self.title is None and self.message is None and self.remedy is None:
            raise fault("OVERLAY-MESSAGE-EMPTY")
        return self


class OffDocument(Document):
    """A check that does not apply in the place."""

    rule: Identifier
    reason: Bilingual
    document: Identifier | None = None


class LockDocument(Document):
    """What lower layers may only make stricter."""

    parameters: tuple[Identifier, ...] = ()
    checks: tuple[Identifier, ...] = ()
    severities: tuple[Identifier, ...] = ()
    tables: tuple[Identifier, ...] = ()


class OpenPoint(Document):
    """Something the place's documents do not state."""

    what: Bilingual
    why: Bilingual


class OverlayDocument(Document):
    """The changes of one region (``docs/architecture.md`` §5); conditions are never overridden."""

    region: Code
    effective_from: Day | None = None
    title: Bilingual
    documents: tuple[LocalDocument, ...] = ()
    set: Entries[DatedValues] = ()
    severity: Entries[SeverityOverride] = ()
    messages: Entries[MessageOverride] = ()
    add: tuple[CheckDocument, ...] = ()
    off: tuple[OffDocument, ...] = ()
    lock: LockDocument = LockDocument()
    verdict_map: Identifier | None = None
    exemptions: tuple[Code, ...] | None = None
    left_open: tuple[OpenPoint, ...] = ()
    owner: Text | None = None
