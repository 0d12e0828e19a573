"""The exchange workbook as data: sheets of columns, and the records of ruleset files that are their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Final, Protocol

from rules_service.authoring.exchange_kinds import TEXT, Kind
from rules_service.authoring.yaml_text import Path
from rules_service.authoring.yaml_words import Plain
from rules_service.values.words import bilingual_texts

if TYPE_CHECKING:
    from rules_service.authoring.exchange_content import Content, Draft

__all__ = ["KINDS_OF_CONTENT", "Column", "Part", "Record", "Role", "told"]

KINDS_OF_CONTENT: Final = (
    *("parameters", "standards", "wordlists", "tables", "sheets", "messages", "libraries"),
)
"""What may be exported, in the order of the sheets."""


class Role(Enum):
    """What people may do with a column: change its cells, fill them in new rows only, or read them."""

    EDIT = "edit"
    KEY = "key"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. New rows must fill it if ``needed``, or it says what the column ``like`` says.

    ``header`` is what it is called where its name alone does not say.
    """

    name: str
    kind: Kind = TEXT
    role: Role = Role.EDIT
    needed: bool = False
    like: str = ""
    header: str = ""

    @property
    def head(self) -> str:
        """What stands above it."""
        return self.header or told(f"column.{self.name}")


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its ``key`` (cells of the key columns), its filled cells, and where it stands.

    ``place`` leads to it in its file: keys and numbers in YAML, the number of the record in CSV. ``note`` is
    shown beside the cell that people change most.
    """

    key: tuple[str, ...]
    cells: Mapping[str, Plain]
    file: str
    place: Path
    line: int
    note: str = ""


class Part(Protocol):
    """One sheet of the workbook."""

    @property
    def name(self) -> str:
        """What it is in the workbook's list of sheets, the same whatever the sheet is called."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, without those that every sheet has."""
        ...

    @property
    def may_add(self) -> bool:
        """Whether rows may be added."""
        ...

    @property
    def may_remove(self) -> bool:
        """Whether rows may be removed."""
        ...

    @property
    def noted(self) -> str:
        """The column whose cells bear the notes of records."""
        ...

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a record's key, in its order."""
        ...

    @property
    def title(self) -> str:
        """What the sheet is called, before anything is done for uniqueness."""
        ...

    @property
    def about(self) -> str:
        """What is in it, and where that stands."""
        ...

    def records(self, content: Content) -> list[Record]:
        """The rows, in the order of files and of what stands in them."""
        ...

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """The kind of one cell, where it depends on the row; raises ``CellError`` for a key of nothing."""
        ...

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change cells of a record; a blank text takes away what stands there."""
        ...

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a record, behind ``after`` where order counts; raises ``CellError`` if it has no place."""
        ...

    def remove(self, draft: Draft, record: Record) -> None:
        """Take a record away."""
        ...


@cache
def _texts(language: str) -> dict[str, str]:
    return bilingual_texts(FilePath(__file__).with_name("exchange.yaml"), language)


def told(key: str, language: str = "zh", /, **values: object) -> str:
    """A text of the exchange workbook; the workbook itself is in Chinese."""
    return _texts(language)[key].format_map(values)
