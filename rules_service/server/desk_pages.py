"""Pages of versions and log entries: what comes behind the last one that was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from rules_service.server.desk_seat import Seat

__all__ = ["paged"]

_PAGE: Final = 50
_MOST: Final = 500

T = TypeVar("T")


def paged(
    seat: Seat, items: Sequence[T], number: Callable[[T], int], *, size: int, token: str
) -> tuple[Sequence[T], str]:
    """A page of items whose numbers only rise or only fall, and the token of the next one.

    The token is the number of the last item told, so that what comes in meanwhile shifts no page.
    Raises ``Refusal``.
    """
    if not 0 <= size <= _MOST:
        raise seat.fault("page_size", "PAGE_SIZE", limit=_MOST)
    start = 0
    if token:
        numbers = [str(number(item)) for item in items]
        if token not in numbers:
            raise seat.fault("page_token", "PAGE_TOKEN")
        start = numbers.index(token) + 1
    page = items[start : start + (size or _PAGE)]
    more = start + len(page) < len(items)
    return page, str(number(page[-1])) if more else ""
