"""Moments as people write them: a day in China, or a time with or without its offset."""

from __future__ import annotations

from datetime import UTC, datetime

from rules_service.values.dates import CHINA_TIME

__all__ = ["parse_moment"]

_FIRST_YEAR, _LAST_YEAR = 1900, 9000
"""Outside these a typing error is certain, and time zones would lead out of the calendar."""


def parse_moment(text: str) -> datetime:
    """Read a day (its first moment in China) or a time; without an offset it is China's.

    Raises ``ValueError``.
    """
    found = datetime.fromisoformat(text)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(text[:40])
    return (found if found.tzinfo is not None else found.replace(tzinfo=CHINA_TIME)).astimezone(UTC)
