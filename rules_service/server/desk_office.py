"""The policy desk of a service: its registry, roles and keys, and the few threads in which it works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import Final, TypeVar

from rules_service.authoring.desk import Desk
from rules_service.registry.machine import Guards
from rules_service.registry.roles import Roles
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store
from rules_service.server.calls import Call
from rules_service.server.desk_refusals import busy
from rules_service.server.desk_seat import Seat
from rules_service.server.following import feed_settings
from rules_service.server.identity import Credentials, caller
from rules_service.server.settings import Settings
from rules_service.server.words import Language

__all__ = ["Office"]

_THREADS: Final = 4
_MOST_CALLS: Final = 32
"""Engineering defaults: the desk is for people, and must not crowd out those who wait for answers."""

T = TypeVar("T")


class Office:
    """Gives each caller a seat; files of roles and keys are read anew each time, so that changes count.

    ``settings`` name a registry.  Raises ``RegistryError`` for an address or trusted keys that cannot be.
    """

    def __init__(self, settings: Settings) -> None:
        feed = feed_settings(settings)
        assert feed is not None, "the settings name a registry"
        self._address, self._trusted = feed.address, feed.trusted
        self._settings = settings
        self._guards = Guards(newly_failing_share=settings.impact_limit)
        self._store: Store | None = None
        self._opening = Lock()
        self._room = BoundedSemaphore(_MOST_CALLS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")

    async def at(self, call: Call, act: Callable[[Seat], T], *, changes: bool) -> T:
        """Let the caller act at a seat, beside the event loop.

        What has not begun when the call ends is dropped; a step that has begun is done.
        Raises ``RegistryError`` and ``Refusal``.
        """
        if not self._room.acquire(blocking=False):
            raise busy("DESK_BUSY", call.language)
        shown, language = Credentials.of(call), call.language

        def sit() -> T:
            seat = self._seat(shown, language, changes=changes)
            call.fields["actor"] = seat.actor.name or None
            return act(seat)

        running = self._threads.submit(sit)
        running.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(running)

    def close(self) -> None:
        """End the threads and the connections."""
        self._threads.shutdown(cancel_futures=True)
        if self._store is not None:
            self._store.close()

    def _seat(self, shown: Credentials, language: Language, *, changes: bool) -> Seat:
        settings = self._settings
        roles = Roles.read(settings.roles) if settings.roles is not None else Roles({})
        actor = caller(shown, roles, settings.desk_readers, changes=changes, language=language)
        store = self._open()
        desk = Desk(store, roles, trusted=self._trusted, guards=self._guards)
        return Seat(desk, store, self._trusted, actor, language, self._key)

    def _open(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = Store(self._address)
            return self._store

    def _key(self) -> SigningKey | None:
        path = self._settings.signing_key_file
        return SigningKey.read(path) if path is not None else None
