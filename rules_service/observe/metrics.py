"""All metrics of the service, their names, labels and meaning; the numbers themselves come from outside.

Counters on the hot path are plain dictionaries behind a collector (a fifth of the time of a labelled
``prometheus_client`` counter); they are counted in the event loop only. The others are ordinary metrics and
may be counted from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

__all__ = ["LoopCounter", "Metrics"]

# Seconds; from a quarter of a millisecond, because a review takes about that.
_LATENCY = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10000)

Key = tuple[str | int, ...]


class LoopCounter:
    """A labelled counter for one thread: ``counts[key] = counts.get(key, 0) + 1`` is all that counting costs.

    Integer label values are engine words; ``words`` gives their names when the metric is read.
    """

    def __init__(
        self, name: str, meaning: str, labels: tuple[str, ...], words: Mapping[int, str] | None = None
    ) -> None:
        self.name = name
        self.counts: dict[Key, int] = {}
        self._meaning = meaning
        self._labels = labels
        self._words = words or {}

    def add(self, key: Key, count: int = 1) -> None:
        """Count ``count`` more for the label values ``key``."""
        self.counts[key] = self.counts.get(key, 0) + count

    def describe(self) -> Iterable[Metric]:
        """The metric without samples, for registration."""
        return [CounterMetricFamily(self.name, self._meaning, labels=self._labels)]

    def collect(self) -> Iterable[Metric]:
        """The samples; called from the thread that answers the scrape."""
        family = CounterMetricFamily(self.name, self._meaning, labels=self._labels)
        # The copy is one step for the interpreter, so the loop may go on counting meanwhile.
        for key, count in self.counts.copy().items():
            values = [self._words.get(v, str(v)) if isinstance(v, int) else v for v in key]
            family.add_metric(values, count)
        return [family]


class Metrics:
    """The metrics of one service process, in a registry of their own."""

    def __init__(
        self,
        *,
        decisions: Mapping[int, str] | None = None,
        outcomes: Mapping[int, str] | None = None,
        levels: Mapping[int, str] | None = None,
    ) -> None:
        """Make them; ``decisions``, ``outcomes`` and ``levels`` name the contract's enum numbers."""
        self.registry = registry = CollectorRegistry()

        def loop_counter(
            name: str, meaning: str, labels: tuple[str, ...], words: Mapping[int, str] | None = None
        ) -> LoopCounter:
            counter = LoopCounter(name, meaning, labels, words)
            registry.register(counter)
            return counter

        self.requests = loop_counter("rules_requests", "Calls by method and status code.", ("method", "code"))
        self.batch_results = loop_counter(
            "rules_batch_results", "Items of batches by method and status code.", ("method", "code")
        )
        self.decisions = loop_counter(
            "rules_decisions", "Reviews by recommended decision.", ("decision",), decisions
        )
        self.levels = loop_counter("rules_levels", "Assessments by alert level.", ("level",), levels)
        self.findings = loop_counter("rules_findings", "Findings by outcome.", ("outcome",), outcomes)
        self.rule_outcomes = loop_counter(
            "rules_rule_outcomes",
            "Findings other than PASS and NOT_APPLICABLE, by rule and outcome.",
            ("rule", "outcome"),
            outcomes,
        )
        self.missing = loop_counter(
            "rules_missing", "Missing facts named in findings, by reason.", ("reason",)
        )
        self.latency = Histogram(
            "rules_request_seconds",
            "Time from the call's arrival in the handler to its answer.",
            ["method"],
            buckets=_LATENCY,
            registry=registry,
        )
        self.batch_items = Histogram(
            "rules_batch_items", "Items of a batch.", ["method"], buckets=_SIZES, registry=registry
        )
        self.memo_hits = Counter("rules_memo_hits", "Conclusions taken from the memo.", registry=registry)
        self.memo_misses = Counter(
            "rules_memo_misses", "Conclusions that had to be drawn.", registry=registry
        )
        self.worker_restarts = Counter(
            "rules_worker_restarts", "Starts of the conclusion worker after the first.", registry=registry
        )
        self.disagreements = Counter(
            "rules_disagreements", "Questions over which the two engines differed.", registry=registry
        )
        self.alone = Counter(
            "rules_alone_answers", "Questions that one engine answered alone.", registry=registry
        )
        self.check_faults = Counter(
            "rules_check_faults", "Errors of ours inside a check, whose finding is ERROR.", registry=registry
        )
        self.reloads = Counter("rules_reloads", "Bundles taken over.", registry=registry)
        self.reload_failures = Counter(
            "rules_reload_failures", "Bundles that were not taken over.", registry=registry
        )
        self.serving = Gauge("rules_serving", "1 while the health status is SERVING.", registry=registry)
        self._bundle = Gauge(
            "rules_bundle_info",
            "1 for the bundle that answers.",
            ["bundle", "version", "hash"],
            registry=registry,
        )
        self._age = Gauge(
            "rules_bundle_age_seconds", "Time since the bundle was taken over.", registry=registry
        )

        self.registry_refusals = Counter(
            "rules_registry_refusals",
            "Entries of the registry, and versions in it, that were not taken over, by reason.",
            ["code"],
            registry=registry,
        )
        self.registry_up = Gauge(
            "rules_registry_up", "1 while the registry can be used; 0 also without one.", registry=registry
        )
        self._registry_age = Gauge(
            "rules_registry_age_seconds",
            "Time since the registry was last heard of: how old the rules may be that answer.",
            registry=registry,
        )

    def registry_heard(self, at: datetime | None) -> None:
        """Note when the registry was last heard of; ``None`` is never."""
        if at is not None:
            self._registry_age.set_function(lambda: max(0.0, (datetime.now(UTC) - at).total_seconds()))

    def bundle_live(self, bundle: str, version: str, digest: str) -> None:
        """Note which bundle answers from now on."""
        since = time.monotonic()
        self._bundle.clear()
        self._bundle.labels(bundle, version, digest).set(1)
        self._age.set_function(lambda: time.monotonic() - since)
        self.reloads.inc()
