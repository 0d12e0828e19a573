"""The diagnostics of this package, and how it collects them."""

from __future__ import annotations

from pathlib import Path

from rules_service.compile.view import Words
from rules_service.model.diagnostics import DiagnosticCatalogue, Diagnostics
from rules_service.model.fields import Bilingual

__all__ = ["CATALOGUE", "collector", "words"]

CATALOGUE = DiagnosticCatalogue.load(Path(__file__).with_name("diagnostics.yaml"))


def collector() -> Diagnostics:
    """An empty collection of this package's diagnostics."""
    return Diagnostics(CATALOGUE)


def words(text: Bilingual) -> Words:
    """A text of a document, without its place."""
    return Words(text.zh.text, text.en.text)
