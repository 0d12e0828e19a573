"""Why no bundle or view can be chosen for a request, in Chinese and English."""

from __future__ import annotations

from pathlib import Path

from rules_service.model.diagnostics import Diagnostic, DiagnosticCatalogue, Source

__all__ = [
    "CATALOGUE",
    "NotReadyError",
    "PinContradictionError",
    "PinSyntaxError",
    "SelectionError",
    "UnknownPinError",
    "UnknownRegionError",
]

CATALOGUE = DiagnosticCatalogue.load(Path(__file__).with_name("diagnostics.yaml"))
_REQUEST = Source("request", 1, 1)


class SelectionError(LookupError):
    """A request for which no rules can be chosen; ``text`` says why, ``field`` names the request's field."""

    def __init__(self, code: str, field: str, **values: object) -> None:
        self.diagnostic: Diagnostic = CATALOGUE.diagnostic(code, _REQUEST, **values)
        super().__init__(self.diagnostic.en)
        self.field = field

    @property
    def code(self) -> str:
        """The stable code of the fault."""
        return self.diagnostic.code

    def text(self, language: str) -> str:
        """Fault and cure in ``zh`` or ``en``."""
        found = self.diagnostic
        return f"{found.en} {found.cure_en}" if language == "en" else f"{found.zh}{found.cure_zh}"


class NotReadyError(SelectionError):
    """No valid bundle is loaded: the service is not ready (UNAVAILABLE)."""


class UnknownPinError(SelectionError):
    """No bundle has the pinned id, version and hash (NOT_FOUND)."""


class UnknownRegionError(SelectionError):
    """No live bundle knows the region (NOT_FOUND)."""


class PinContradictionError(SelectionError):
    """The pinned bundle exists, but not for this region or date (INVALID_ARGUMENT)."""


class PinSyntaxError(SelectionError):
    """A pin that cannot name one bundle (INVALID_ARGUMENT)."""
