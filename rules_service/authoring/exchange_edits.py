"""The edits that people made in a workbook, and their sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rules_service.authoring.exchange_model import told

__all__ = ["Edit", "Form"]


class Form(Enum):
    """What was done."""

    SET = "set"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: of one cell, or of a whole row.

    ``key`` says which row it is, ``column`` which cell, ``old`` and ``new`` what was and is shown there.
    ``in_force``: a value of a day that has come is other than before.
    """

    form: Form
    sheet: str
    line: int
    part: str
    key: tuple[str, ...]
    column: str = ""
    old: str = ""
    new: str = ""
    in_force: bool = False

    def sentence(self, language: str) -> str:
        """What was done, in ``zh`` or ``en``."""
        values = {
            "sheet": self.sheet,
            "line": self.line,
            "key": told("edit.join", language).join(part for part in self.key if part),
            "column": self.column,
            "old": self.old or told("edit.blank", language),
            "new": self.new or told("edit.blank", language),
        }
        text = told(f"edit.{self.form.value}", language, **values)
        return text + told("edit.in_force", language) if self.in_force else text
