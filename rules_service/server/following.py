"""How the settings of a service say that it follows a registry."""

from __future__ import annotations

from rules_service.registry.address import Address
from rules_service.registry.feed import Feed
from rules_service.registry.feed_reports import FeedReports, FeedSettings
from rules_service.registry.signing import TrustedKeys
from rules_service.server.settings import Settings

__all__ = ["feed_of", "feed_settings", "follows"]


def follows(settings: Settings) -> bool:
    """Whether the rules come from a registry."""
    return settings.registry is not None or settings.registry_file is not None


def feed_settings(settings: Settings) -> FeedSettings | None:
    """How the registry is followed; ``None`` without one.  Raises ``RegistryError`` for what cannot be."""
    if settings.registry is not None:
        address = Address(settings.registry.get_secret_value())
    elif settings.registry_file is not None:
        address = Address.read(settings.registry_file)
    else:
        return None
    keys = settings.trusted_keys
    return FeedSettings(
        address,
        settings.replica,
        trusted=TrustedKeys.read(keys) if keys is not None else None,
        state=settings.state,
        interval_s=settings.registry_poll_s,
        past=settings.registry_past,
        spare=settings.registry_spare,
    )


def feed_of(settings: Settings, reports: FeedReports) -> Feed | None:
    """A feed, not started; ``None`` where the rules come from folders."""
    found = feed_settings(settings)
    return Feed(found, reports) if found is not None else None
