"""The catalogue of this package's diagnostics."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rules_service.model.diagnostics import DiagnosticCatalogue

__all__ = ["CATALOGUE"]

CATALOGUE: Final = DiagnosticCatalogue.load(Path(__file__).with_name("diagnostics.yaml"))
