"""The manifest of a library of core indicators: ``libraries/<id>/<version>/library.yaml``."""

from __future__ import annotations

from pydantic import model_validator

from rules_service.model.check_documents import ProofMark
from rules_service.model.fields import Bilingual, Code, Day, Document, Flag, Identifier, Text, fault

__all__ = ["LibraryDocument"]


class LibraryDocument(Document):
    """One version of a library; its rows stand in the tables beside it.

    ``tree`` is the version of the indicator tree that the rows are classed by. From ``effective_from`` on
    (day numbers) the version replaces earlier ones of the same id; after ``effective_to`` none is in force
    until a later one begins. A ``sample`` is nobody's official library and is labelled so wherever it shows.
    """

    id: Identifier
    version: Text
    title: Bilingual
    effective_from: Day
    effective_to: Day | None = None
    issuer: Bilingual
    document: Text
    source: Text | None = None
    proof: ProofMark
    sample: Flag = False
    tree: Code
    note: Bilingual | None = None
    owner: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> LibraryDocument:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise fault("DOC-DATES-REVERSED")
        return self

    @property
    def name_zh(self) -> str:
        """What people call this version, its being a sample included."""
        return f"《{self.title.zh.text}》{self.version}{'（示例，不是正式指标库）' if self.sample else ''}"

    @property
    def name_en(self) -> str:
        """As ``name_zh``, in English."""
        return f"{self.title.en.text} {self.version}{' (sample, no official library)' if self.sample else ''}"

    def in_force(self, day: int) -> bool:
        """Whether the version may answer on a day, later versions apart."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)
