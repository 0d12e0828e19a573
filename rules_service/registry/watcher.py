"""A thread that looks for new bundles at an interval."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from rules_service.registry.registry import Registry

__all__ = ["Watcher"]


class Watcher:
    """Calls ``registry.refresh`` every ``interval`` seconds until stopped.

    ``failed`` hears of an unexpected error of a refresh; the loaded bundles go on answering. ``wait`` waits
    for the next look and says whether to stop; tests give their own.
    """

    def __init__(
        self,
        registry: Registry,
        interval: float,
        failed: Callable[[Exception], None],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._registry = registry
        self._interval = interval
        self._failed = failed
        self._stop = Event()
        self._wait = wait or self._stop.wait
        self._thread = Thread(target=self._run, name="registry-watcher", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for a look that is under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._wait(self._interval):
            try:
                self._registry.refresh()
            except Exception as error:  # noqa: BLE001 - the thread must outlive any fault of a source
                self._failed(error)
