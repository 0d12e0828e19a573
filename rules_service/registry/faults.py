"""What the registry of versions cannot or will not do, as errors with a code, Chinese and English text."""

from __future__ import annotations

from collections.abc import Sequence

from rules_service.model.diagnostics import Diagnostic, Source
from rules_service.registry.errors import CATALOGUE
from rules_service.registry.event import Event
from rules_service.values.words import engine_words

__all__ = [
    "ConflictError",
    "ContentError",
    "KeyFileError",
    "RefusedError",
    "RegistryError",
    "StoreAwayError",
    "StoreError",
    "fault",
]


def fault(code: str, place: str = "registry", /, **values: object) -> Diagnostic:
    """The texts of a fault; ``place`` is the file or the entry that it is about."""
    return CATALOGUE.diagnostic(code, Source(place, 1, 1), **values)


class RegistryError(Exception):
    """Base of the errors here; ``diagnostic`` holds code, texts and cures.

    It is made of a code, its place and values, or of a diagnostic that there is already.
    """

    def __init__(self, what: str | Diagnostic, place: str = "registry", /, **values: object) -> None:
        self.diagnostic = fault(what, place, **values) if isinstance(what, str) else what
        super().__init__(self.diagnostic.en)

    @property
    def code(self) -> str:
        """The stable code of the fault."""
        return self.diagnostic.code

    def text(self, language: str) -> str:
        """Fault and cure in ``zh`` or ``en``."""
        found = self.diagnostic
        return f"{found.en} {found.cure_en}" if language == "en" else f"{found.zh}{found.cure_zh}"


class StoreError(RegistryError):
    """The store cannot be used as it is: wrong address, wrong schema, damaged row."""


class StoreAwayError(StoreError):
    """The store does not answer, or cannot take more; another try may succeed."""


class ContentError(StoreError):
    """A content that is not there, or whose bytes are not those of its hash."""


class KeyFileError(RegistryError):
    """A key that cannot or must not be used."""


class RefusedError(RegistryError):
    """The state of the version does not allow what was asked for; the texts say why and what cures it."""


class ConflictError(RegistryError):
    """Somebody else wrote meanwhile; ``meanwhile`` are the entries that came between."""

    def __init__(self, meanwhile: Sequence[Event]) -> None:
        self.meanwhile = tuple(meanwhile)
        super().__init__("CONFLICT", meanwhile_zh=self._told("zh"), meanwhile_en=self._told("en"))

    def _told(self, language: str) -> str:
        words = engine_words(language)
        return "; ".join(
            f"#{event.seq} {event.actor} {words[f'step.{event.kind}']} {event.ruleset} {event.version[:12]}"
            for event in self.meanwhile
        )
