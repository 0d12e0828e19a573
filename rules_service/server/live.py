"""The rules that are live: loaded beside the event loop, tried again until there are valid ones."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable
from datetime import date

from rules_service import api
from rules_service.observe import events
from rules_service.observe.logs import LineLog
from rules_service.pb.budget.rules.v1.application_pb2 import BudgetApplication
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.report_pb2 import MonitoringReport
from rules_service.pb.budget.rules.v1.review_service_pb2 import RequestContext, ReviewRequest, RulesetPin
from rules_service.registry.signing import TrustedKeys
from rules_service.server.following import feed_of
from rules_service.server.reports import Reports
from rules_service.server.settings import Settings
from rules_service.values.dates import date_text

__all__ = ["Live", "Loader"]

Loader = Callable[[], api.Rules]

_WARMED_LAYERS = 50


class Live:
    """Holds the rules; a ``Backend``."""

    def __init__(
        self, settings: Settings, reports: Reports, log: LineLog, load: Loader | None = None
    ) -> None:
        self._settings = settings
        self._reports = reports
        self._log = log
        self._load = load or self._load_rules
        self._rules: api.Rules | None = None

    def reviewer(self) -> api.Reviewer | None:
        """The reviewer over what is live now."""
        return self._rules.snapshot() if self._rules is not None else None

    async def follow(self, serving: Callable[[bool], Awaitable[None]]) -> None:
        """Load, and tell ``serving`` as soon as there are valid rules; never returns.

        From then on the rules' own watcher takes over new ones; a bad one never replaces a good one.
        """
        while self._rules is None:
            try:
                self._rules = await asyncio.to_thread(self._load)
            except api.LoadError:  # told source by source already
                await asyncio.sleep(self._settings.reload_s)
        await serving(True)
        self._log.write("info", events.SERVING, {"serving": True})
        await asyncio.Event().wait()

    async def close(self) -> None:
        """End what the rules hold: watcher and conclusion worker."""
        if self._rules is not None:
            await asyncio.to_thread(self._rules.close)
            self._rules = None

    def _load_rules(self) -> api.Rules:
        feed = feed_of(self._settings, self._reports)
        trusted = self._settings.trusted_keys
        rules = api.Rules.load(
            *self._settings.rulesets,
            bundles=self._settings.bundles,
            trusted=TrustedKeys.read(trusted) if trusted is not None else None,
            feed=feed,
            prepare=lambda reviewer: _warm(reviewer, api.today()),
            watch_s=self._settings.reload_s,
            hooks=self._reports,
            on_fault=self._reports.on_fault,
            on_reload=self._reports.on_reload,
            on_watch_error=self._reports.on_watch_error,
        )
        if feed is None:
            _warm(rules.snapshot(), rules.today())
        # What is loaded now stays: the collector need not walk through it again and again.
        gc.collect()
        gc.freeze()
        return rules


def _warm(reviewer: api.Reviewer, day: int) -> None:
    """Ask once what every first request would have to wait for: programs, extractors, the worker."""
    for bundle in reviewer.bundles:
        for layer in bundle.source.layers[:_WARMED_LAYERS]:
            project = BudgetApplication(region_code=layer.region, fiscal_year=date.fromordinal(day).year)
            context = RequestContext(pin=RulesetPin(hash=bundle.hash))
            # A bundle whose rules are not in force yet cannot answer today; that is no fault.
            with contextlib.suppress(api.RulesError):
                reviewer.review(ReviewRequest(context=context, project=project))
            report = MonitoringReport(as_of=date_text(day))
            with contextlib.suppress(api.RulesError):
                reviewer.assess(AssessRequest(context=context, project=project, report=report))
