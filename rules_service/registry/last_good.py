"""The last good versions on this machine's disk: a copy of the registry's log and of the contents it needs.

It is a registry of its own (SQLite, the same schema), so that it is verified by the same code, and a failing
disk or a killed process leaves the state before or after a change, never between. Contents come before the
entries that make them live, so what the log names can be had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rules_service.registry.address import Address
from rules_service.registry.event import Event
from rules_service.registry.faults import StoreAwayError, StoreError
from rules_service.registry.log import LogState, read_log
from rules_service.registry.signing import TrustedKeys
from rules_service.registry.store import Replica, Store

__all__ = ["LastGood"]

_FILE = "last-good.sqlite"
_SELF = "self"


class LastGood:
    """The copy in a folder; ``broken`` hears of one that had to be moved aside.  May raise ``StoreError``."""

    def __init__(
        self, folder: Path, trusted: TrustedKeys | None, broken: Callable[[Path, StoreError], None]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / _FILE
        address = Address(str(path))
        try:
            self._store, self.log = _opened(address, trusted)
        except StoreAwayError:
            raise
        except StoreError as error:
            for suffix in ("", "-wal", "-shm"):
                beside = path.with_name(path.name + suffix)
                if beside.exists():
                    beside.replace(path.with_name(f"{path.name}.broken{suffix}"))
            broken(path, error)
            self._store, self.log = _opened(address, trusted)

    def heard(self) -> Replica | None:
        """What was last noted: when the registry was last heard of, and what was live."""
        return next(iter(self._store.replicas()), None)

    def content(self, digest: str) -> bytes:
        """The archive of a content, verified.  Raises ``ContentError``."""
        return self._store.content(digest)

    def follow(self, events: Sequence[Event], contents: Mapping[str, Callable[[], bytes]]) -> None:
        """Take over entries, after the contents (by hash) that are needed from then on.

        Others are forgotten.
        """
        known = self._store.contents()
        for digest in contents.keys() - known:
            self._store.put_content(digest, contents[digest]())
        self._store.copy_in(events)
        if known - contents.keys():
            self._store.drop_contents(known - contents.keys())

    def note(self, at: datetime, seq: int, live: Mapping[str, tuple[str, datetime]]) -> None:
        """Note when the registry was last heard of, and what answers."""
        self._store.beat(Replica(_SELF, at, seq, dict(live), ()))

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def _opened(address: Address, trusted: TrustedKeys | None) -> tuple[Store, LogState]:
    store = Store(address, create=True)
    try:
        return store, read_log(store, trusted)
    except BaseException:
        store.close()
        raise
