"""How a service follows a registry, and who hears what it meets on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rules_service.compile.bundle import Bundle
from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.address import Address
from rules_service.registry.registry import Reload
from rules_service.registry.signing import TrustedKeys

__all__ = ["FeedReports", "FeedSettings", "Troubles"]


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """Where the registry is and how it is followed; the numbers are engineering defaults, times in seconds.

    ``name`` is what the registry calls this process. With ``trusted`` keys, entries that others signed do not
    count. ``state`` is the folder of the last good state. ``past`` versions before the live one stay
    compiled, and ``spare`` others that were pinned lately.
    """

    address: Address
    name: str
    trusted: TrustedKeys | None = None
    state: Path | None = None
    interval_s: float = 0.25
    past: int = 2
    spare: int = 4
    beat_s: float = 5.0
    retry_s: float = 5.0


class FeedReports(Protocol):
    """Who hears what the feed meets; called from its threads."""

    def on_reload(self, reload: Reload) -> None:
        """A version answers from now on, or could not be taken over."""
        ...

    def on_ready(self, bundle: Bundle) -> None:
        """A version could answer at once."""
        ...

    def on_refused(self, found: Diagnostic) -> None:
        """An entry of the log, the registry or the saved state cannot be used."""
        ...

    def on_registry(self, heard: datetime | None, fault: Diagnostic | None) -> None:
        """When the registry was last heard of, and why it cannot be used now (``None``: it can)."""
        ...

    def on_feed_error(self, error: Exception) -> None:
        """A fault of ours; what answers goes on answering."""
        ...


@dataclass(slots=True)
class Troubles:
    """Tells each trouble once, until it is over or becomes another."""

    reports: FeedReports
    _told: dict[str, str] = field(default_factory=dict)

    def tell(self, what: str, found: Diagnostic) -> None:
        """There is a trouble with something."""
        if self._told.get(what) != found.code:
            self._told[what] = found.code
            self.reports.on_refused(found)

    def refuse(self, source: str, found: tuple[Diagnostic, ...]) -> None:
        """A version cannot be taken over."""
        codes = ";".join(sorted({item.code for item in found}))
        if self._told.get(source) != codes:
            self._told[source] = codes
            self.reports.on_reload(Reload(source, None, found))

    def over(self, what: str) -> None:
        """There is none any more."""
        self._told.pop(what, None)
