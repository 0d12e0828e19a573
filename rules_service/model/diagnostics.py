"""Diagnostics: what is wrong with a ruleset file, where, and what cures it, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

__all__ = [
    "CatalogueEntry",
    "Diagnostic",
    "DiagnosticCatalogue",
    "DiagnosticSeverity",
    "Diagnostics",
    "Source",
]


class Source(NamedTuple):
    """A place in a ruleset file; line and column count from 1, columns in characters."""

    file: str
    line: int
    column: int


class DiagnosticSeverity(StrEnum):
    """An error keeps a ruleset from being published; a warning asks its author to look again."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault of a ruleset: a stable code, its place, and finished texts for people."""

    code: str
    severity: DiagnosticSeverity
    file: str
    line: int
    column: int
    zh: str
    en: str
    cure_zh: str
    cure_en: str

    @property
    def is_error(self) -> bool:
        """Whether it keeps the ruleset from being used."""
        return self.severity is DiagnosticSeverity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.zh} {self.cure_zh}"


class CatalogueEntry(NamedTuple):
    """What is said of a code; ``{name}`` stands for a value."""

    severity: DiagnosticSeverity
    zh: str
    en: str
    cure_zh: str
    cure_en: str


class DiagnosticCatalogue:
    """The texts of a package's diagnostics, read from a YAML file beside its code.

    An entry is ``CODE: {severity, zh, en, cure_zh, cure_en}``; ``{name}`` stands for a value.
    """

    def __init__(self, entries: Mapping[str, Mapping[str, str]]) -> None:
        self._entries = {
            code: CatalogueEntry(
                DiagnosticSeverity(entry.get("severity", "error")),
                entry["zh"],
                entry["en"],
                entry["cure_zh"],
                entry["cure_en"],
            )
            for code, entry in entries.items()
        }

    @classmethod
    @cache
    def load(cls, path: Path) -> DiagnosticCatalogue:
        """Read the catalogue file of a package; it is part of the program, so a fault in it raises."""
        return cls(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))

    def codes(self) -> frozenset[str]:
        """All codes of the catalogue."""
        return frozenset(self._entries)

    def entry(self, code: str) -> CatalogueEntry:
        """The texts of a code."""
        return self._entries[code]

    def diagnostic(self, code: str, source: Source, /, **values: object) -> Diagnostic:
        """The diagnostic of a code at a place, with its values filled in."""
        entry = self._entries[code]
        zh, en, cure_zh, cure_en = (text.format_map(values) for text in entry[1:])
        return Diagnostic(code, entry.severity, *source, zh, en, cure_zh, cure_en)


@dataclass(slots=True)
class Diagnostics:
    """Collects what is found, so that an author sees everything at once."""

    catalogue: DiagnosticCatalogue
    found: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, source: Source, /, **values: object) -> None:
        """Note one fault."""
        self.found.append(self.catalogue.diagnostic(code, source, **values))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take over what another part has found."""
        self.found.extend(diagnostics)

    def any_at(self, source: Source) -> bool:
        """Whether something is already known of this very place."""
        return any((item.file, item.line, item.column) == source for item in self.found)

    def has_errors(self) -> bool:
        """Whether something found keeps the ruleset from being used."""
        return any(item.is_error for item in self.found)

    def in_order(self) -> list[Diagnostic]:
        """Everything found, once each, by file, line, column and code."""
        return sorted(
            set(self.found), key=lambda item: (item.file, item.line, item.column, item.code, item.en)
        )
