"""Collects the diagnostics of one expression at their places in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Never, TypeAlias

from rules_service.language.tree import position
from rules_service.model.diagnostics import Diagnostic, DiagnosticCatalogue, Diagnostics, Source

__all__ = ["Refused", "Reporter", "catalogue"]

# The None of a check that has failed; unlike a bare None, mypy lets it be returned on the spot.
Refused: TypeAlias = Never | None  # noqa: RUF020 - it is not the same to mypy

_FILE = Path(__file__).with_name("diagnostics.yaml")


def catalogue() -> DiagnosticCatalogue:
    """The texts of this package's diagnostics."""
    return DiagnosticCatalogue.load(_FILE)


class Reporter:
    """Turns offsets in an expression into places in its file."""

    def __init__(self, text: str, source: Source) -> None:
        self.text, self.source = text, source
        self._diagnostics = Diagnostics(catalogue())

    def add(self, code: str, at: int, **values: object) -> Refused:
        """Note one fault at offset ``at``; the ``None`` is what a check returns that has failed."""
        self._diagnostics.add(code, position(self.text, self.source, at), **values)
        return None

    def found(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the order of the file."""
        return tuple(self._diagnostics.in_order())
