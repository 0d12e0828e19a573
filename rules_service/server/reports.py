"""What the rules report while they work - conclusions, reloads, faults - as metrics and log lines."""

from __future__ import annotations

from datetime import UTC, datetime

from rules_service.compile.bundle import Bundle
from rules_service.engine.engine import Fault
from rules_service.model.diagnostics import Diagnostic
from rules_service.observe import events
from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.registry.registry import REGISTRY, Reload
from rules_service.server.faults import frames_of

__all__ = ["Reports"]


class Reports:
    """The ``Hooks`` of the concluder and the callbacks of registry and engine; called from any thread."""

    def __init__(self, metrics: Metrics, log: LineLog) -> None:
        self._metrics = metrics
        self._log = log
        self._count_hit = metrics.memo_hits.inc
        self._count_miss = metrics.memo_misses.inc
        self._registry_code: str | None = None

    def on_memo(self, hit: bool) -> None:
        """Count a question that was or was not answered from memory."""
        if hit:
            self._count_hit()
        else:
            self._count_miss()

    def on_restart(self, reason: str) -> None:
        """Count and log a worker that is replaced."""
        self._metrics.worker_restarts.inc()
        level = "info" if reason == "recycled" else "warning"
        self._log.write(level, events.WORKER_RESTARTED, {"why": reason})

    def on_disagreement(self) -> None:
        """Count and log a question over which the engines differ: its answer is ERROR."""
        self._metrics.disagreements.inc()
        self._log.write("error", events.CONCLUDER_DISAGREES, {})

    def on_alone(self) -> None:
        """Count an answer of the chainer alone."""
        self._metrics.alone.inc()

    def on_reload(self, reload: Reload) -> None:
        """Count and log a source of rules that was taken over or refused."""
        told = [f"{item.file}:{item.line} {item.code}" for item in reload.diagnostics]
        fields: dict[str, object] = {"source": reload.source, "diagnostics": told}
        if reload.bundle is not None:
            bundle = reload.bundle
            self._metrics.bundle_live(bundle.id, bundle.version, bundle.hash)
            fields |= {"bundle": bundle.id, "version": bundle.version, "hash": bundle.hash}
            self._log.write("info", events.BUNDLE_LIVE, fields)
        elif not reload.ok:
            self._metrics.reload_failures.inc()
            if reload.source.startswith(REGISTRY):
                for code in sorted({item.code for item in reload.diagnostics}):
                    self._metrics.registry_refusals.labels(code).inc()
            self._log.write("error", events.BUNDLE_REFUSED, fields)

    def on_ready(self, bundle: Bundle) -> None:
        """Log a version of a registry that could answer at once."""
        fields = {"bundle": bundle.id, "version": bundle.version, "hash": bundle.hash}
        self._log.write("info", events.BUNDLE_READY, fields)

    def on_refused(self, found: Diagnostic) -> None:
        """Count and log what cannot be used of a registry."""
        self._metrics.registry_refusals.labels(found.code).inc()
        fields = {"place": found.file, "code": found.code, "text": f"{found.en} {found.cure_en}"}
        self._log.write("error", events.REGISTRY_REFUSED, fields)

    def on_registry(self, heard: datetime | None, fault: Diagnostic | None) -> None:
        """Note whether a registry can be used, and log when that changes."""
        self._metrics.registry_heard(heard)
        self._metrics.registry_up.set(int(fault is None))
        code = fault.code if fault is not None else ""
        if code == self._registry_code:
            return
        self._registry_code = code
        if fault is None:
            self._log.write("info", events.REGISTRY_BACK, {})
        else:
            age = (datetime.now(UTC) - heard).total_seconds() if heard is not None else None
            self._log.write("warning", events.REGISTRY_AWAY, {"code": code, "age": age})

    def on_feed_error(self, error: Exception) -> None:
        """As ``on_watch_error``."""
        self.on_watch_error(error)

    def on_watch_error(self, error: Exception) -> None:
        """Count and log a look for new rules that failed by a fault of ours; the loaded ones go on."""
        self._metrics.reload_failures.inc()
        fields = {"error": type(error).__name__, "frames": frames_of(error)}
        self._log.write("error", events.WATCH_FAULT, fields)

    def on_fault(self, fault: Fault) -> None:
        """Log an error of ours inside a check, whose finding is ERROR."""
        self._metrics.check_faults.inc()
        fields = {"rule": fault.rule, "error": type(fault.error).__name__, "frames": frames_of(fault.error)}
        self._log.write("error", events.CHECK_FAULT, fields)
