"""Compiled versions in memory: those that must be ready, and a few that were asked for lately."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from rules_service.compile.bundle import Bundle

__all__ = ["CompiledShelf"]


class CompiledShelf:
    """Bundles by hash.  Safe between threads.

    ``make`` loads and compiles one. Those of ``keep`` stay; of the others the ``spare`` last used.
    """

    def __init__(self, make: Callable[[str], Bundle], spare: int) -> None:
        self._make = make
        self._spare = spare
        self._kept: frozenset[str] = frozenset()
        self._bundles: OrderedDict[str, Bundle] = OrderedDict()
        self._running: dict[str, Future[Bundle]] = {}
        self._lock = Lock()
        self.changes = 0
        """Counts what came and went, so that others can see whether something did."""
        # One at a time: whoever pins many old versions must not take the processor from all others.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="registry-shelf")

    def get(self, digest: str) -> Bundle | None:
        """A bundle that is in memory."""
        return self._bundles.get(digest)

    def hashes(self) -> list[str]:
        """What is in memory."""
        with self._lock:
            return list(self._bundles)

    def fetch(self, digest: str) -> Future[Bundle]:
        """A bundle, brought into memory beside the caller's thread if it is not there."""
        with self._lock:
            found = self._bundles.get(digest)
            if found is not None:
                self._bundles.move_to_end(digest)
                ready: Future[Bundle] = Future()
                ready.set_result(found)
                return ready
            running = self._running.get(digest)
            if running is None:
                running = self._running[digest] = self._threads.submit(self._bring, digest)
            return running

    def put(self, bundle: Bundle) -> None:
        """Keep a bundle that was made elsewhere."""
        with self._lock:
            self._bundles[bundle.hash] = bundle
            self.changes += 1
            self._trim()

    def keep(self, hashes: frozenset[str]) -> None:
        """From now on these stay in memory once they are there."""
        with self._lock:
            self._kept = hashes
            self._trim()

    def close(self) -> None:
        """End the thread."""
        self._threads.shutdown(cancel_futures=True)

    def _bring(self, digest: str) -> Bundle:
        try:
            bundle = self._make(digest)
            self.put(bundle)
            return bundle
        finally:
            with self._lock:
                del self._running[digest]

    def _trim(self) -> None:
        spare = [digest for digest in self._bundles if digest not in self._kept]
        for digest in spare[: max(len(spare) - self._spare, 0)]:
            del self._bundles[digest]
            self.changes += 1
