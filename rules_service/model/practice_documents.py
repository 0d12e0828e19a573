"""Documents of practices: each sentence of a place's sources, and what in the ruleset carries it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from rules_service.model.fields import Bilingual, Document, Located, Text, fault

__all__ = ["PracticeDocument", "PracticeMark"]

PracticeMark = Annotated[
    Literal["parameter", "check", "score_sheet", "report", "host", "not_stated"], BeforeValidator(str)
]
# Marks of what the ruleset itself carries; the others need a note that says what becomes of the sentence.
_CARRIED = frozenset({"parameter", "check", "score_sheet"})


class PracticeDocument(Document):
    """One sentence of a place's sources.

    ``says`` is the sentence as the source has it, shortened; ``marked`` says where it went: a parameter, a
    check, a score sheet, a report, the host system's job, or nothing because the source does not state
    enough. ``by`` names the rules, parameters, sheets, verdict maps or decisions that carry it.
    """

    says: Text
    marked: PracticeMark
    by: tuple[Located, ...] = ()
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _consistent(self) -> PracticeDocument:
        if self.marked in _CARRIED and not self.by:
            raise fault("PRACTICE-WITHOUT-CARRIER", mark=self.marked)
        if self.marked not in _CARRIED and self.note is None:
            raise fault("PRACTICE-WITHOUT-NOTE", mark=self.marked)
        return self
