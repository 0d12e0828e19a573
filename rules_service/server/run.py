"""The service process: event loop, ports, signals, loading of rules, orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import uvloop
from prometheus_client import start_http_server

from rules_service import __version__
from rules_service.observe import events
from rules_service.observe.logs import LineLog, configure
from rules_service.observe.metrics import Metrics
from rules_service.server.account import make_metrics
from rules_service.server.app import App
from rules_service.server.desk_office import Office
from rules_service.server.files import write_at_once
from rules_service.server.following import follows
from rules_service.server.live import Live, Loader
from rules_service.server.reports import Reports
from rules_service.server.settings import Settings

__all__ = ["EXIT_CUT_SHORT", "EXIT_OK", "EXIT_PORT", "run", "serve"]

EXIT_OK = 0
EXIT_PORT = 7
"""A port could not be opened."""
EXIT_CUT_SHORT = 8
"""A second signal ended the draining, or the grace was too short: calls were cut off."""


def serve(settings: Settings) -> int:
    """Run the service until a signal ends it; returns the exit code."""
    return uvloop.run(run(settings, configure(settings.log_level)))


class _Signals:
    """SIGTERM and SIGINT, in the order of their arrival."""

    def __init__(self) -> None:
        self._seen: asyncio.Queue[signal.Signals] = asyncio.Queue()

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        wanted = (signal.SIGTERM, signal.SIGINT)
        for number in wanted:
            loop.add_signal_handler(number, self._seen.put_nowait, number)
        try:
            yield
        finally:
            for number in wanted:
                loop.remove_signal_handler(number)

    async def next(self) -> signal.Signals:
        return await self._seen.get()


async def run(settings: Settings, log: LineLog, load: Loader | None = None) -> int:
    """Serve until the first signal, then drain; returns the exit code."""
    metrics = make_metrics()
    signals = _Signals()
    with contextlib.ExitStack() as stack:
        stack.enter_context(signals.caught())
        if follows(settings) and settings.trusted_keys is None:
            log.write("warning", events.SIGNATURES_UNCHECKED, {})
        live = Live(settings, Reports(metrics, log), log, load)
        office = Office(settings) if follows(settings) else None
        if office is not None:
            stack.callback(office.close)
        app = App(live, settings, metrics, log, office)
        try:
            metrics_port = stack.enter_context(_metrics_page(settings, metrics))
            port = await app.start()
        except OSError as error:
            log.write("error", events.PORT_REFUSED, {"error": str(error)})
            return EXIT_PORT
        log.write(
            "info",
            events.STARTED,
            {"host": settings.host, "port": port, "metrics_port": metrics_port, "version": __version__},
        )
        if settings.port_file is not None:
            write_at_once(settings.port_file, f"{port}\n".encode())
        following = asyncio.create_task(live.follow(app.serving))
        ending = asyncio.create_task(signals.next())
        try:
            await asyncio.wait({following, ending}, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                following.result()  # it only ends by a fault of ours: end the process, loudly
            first = ending.result()
            return await _drain(app, signals, first, settings.drain_grace_s, log)
        finally:
            for task in (following, ending):
                task.cancel()
            await asyncio.gather(following, ending, return_exceptions=True)
            await live.close()
            if settings.port_file is not None:
                settings.port_file.unlink(missing_ok=True)


async def _drain(app: App, signals: _Signals, first: signal.Signals, grace: float, log: LineLog) -> int:
    log.write("info", events.DRAINING, {"signal": first.name, "grace": grace})
    draining = asyncio.create_task(app.drain(grace))
    second = asyncio.create_task(signals.next())
    await asyncio.wait({draining, second}, return_when=asyncio.FIRST_COMPLETED)
    if not draining.done():
        log.write("warning", events.STOPPED_AT_ONCE, {"signal": second.result().name})
        await app.drain(None)
    second.cancel()
    await asyncio.gather(draining, second, return_exceptions=True)
    clean = app.cut_off == 0
    log.write("info", events.DRAINED, {"clean": clean, "cut_off": app.cut_off})
    return EXIT_OK if clean else EXIT_CUT_SHORT


@contextlib.contextmanager
def _metrics_page(settings: Settings, metrics: Metrics) -> Iterator[int | None]:
    """Serve the metrics page in a thread of its own, if it is wanted; gives its port."""
    if settings.metrics_port is None:
        yield None
        return
    server, thread = start_http_server(settings.metrics_port, settings.metrics_host, metrics.registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
