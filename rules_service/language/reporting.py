"""Collects the diagnostics of one expression at their places in the file."""

from __future__ import annotations

from pathlib import Path

from rules_service.language.tree import position
from rules_service.model.diagnostics import Diagnostic, DiagnosticCatalogue, Diagnostics, Source

__all__ = ["Reporter", "catalogue"]

_FILE = Path(__file__).with_name("diagnostics.yaml")


def catalogue() -> DiagnosticCatalogue:
    """The texts of this package's diagnostics."""
    return DiagnosticCatalogue.load(_FILE)


class Reporter:
    """Turns offsets in an expression into places in its file."""

    def __init__(self, text: str, source: Source) -> None:
        self.text, self.source = text, source
        self._diagnostics = Diagnostics(catalogue())

    def add(self, code: str, at: int, **values: object) -> None:
        """Note one fault at offset ``at``."""
        self._diagnostics.add(code, position(self.text, self.source, at), **values)

    def found(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the order of the file."""
        return tuple(self._diagnostics.in_order())
