"""The Python API: load rulesets, review applications, assess reports, replay records.

The gRPC service and the command line call exactly this, so every path gives the same answer::

    with Rules.load(Path("rulesets")) as rules:
        answer = rules.review(request)
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal

from rules_service.compile.bundle import Bundle
from rules_service.compile.sources import RulesetFaultsError
from rules_service.compile.view import View
from rules_service.engine.conclude import any_pass_fact
from rules_service.engine.engine import Answer, Engine, Fault, Work
from rules_service.engine.lookup import LookUpError, look_up, rule_date_of
from rules_service.engine.prepared import Prepared
from rules_service.facts.limits import Limits
from rules_service.facts.source import Request, request_dates
from rules_service.facts.structure import Violation, violations
from rules_service.facts.violation_texts import violation_text
from rules_service.inference.factory import make_concluder
from rules_service.inference.guard import GuardedConcluder
from rules_service.inference.hooks import Hooks
from rules_service.pb.budget.rules.v1.library_service_pb2 import LookUpRequest, LookUpResponse
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import (
    AssessRecord,
    AssessRequest,
    AssessResponse,
)
from rules_service.pb.budget.rules.v1.review_service_pb2 import (
    RequestContext,
    ReviewRecord,
    ReviewRequest,
    ReviewResponse,
)
from rules_service.registry.errors import (
    NotReadyError,
    PinContradictionError,
    PinSyntaxError,
    SelectionError,
    UnknownPinError,
    UnknownRegionError,
)
from rules_service.registry.faults import RegistryError
from rules_service.registry.registry import Registry, Reload
from rules_service.registry.snapshot import Fixed, Pin, Snapshot, SnapshotSource
from rules_service.registry.watcher import Watcher
from rules_service.values.dates import CHINA_TIME, parse_date

if TYPE_CHECKING:
    from types import TracebackType

    from rules_service.registry.feed import Feed
    from rules_service.registry.signing import TrustedKeys

__all__ = [
    "InvalidRequest",
    "LoadError",
    "NotFound",
    "NotReady",
    "PinContradiction",
    "Reviewer",
    "Rules",
    "RulesError",
    "UnknownRegion",
    "Violation",
    "as_replayed",
]

_PREPARED_VIEWS: Final = 512
_CHOICES: Final = 4096

_Choice = tuple[str, int, str, str, str]
"""Region, rule date, and the pin's bundle, version and hash."""


class RulesError(Exception):
    """A request that gets no answer, or rules that cannot be loaded; ``text`` says why and what to do."""

    def text(self, language: str) -> str:
        """Fault and cure in ``zh`` or ``en``; what has no translation is the same in both."""
        del language
        return str(self)


class InvalidRequest(RulesError):  # noqa: N818 - named for what callers catch
    """The request breaks the contract; ``violations`` lists every fault with its path."""

    def __init__(self, faults: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.code}" for fault in faults))
        self.violations = tuple(faults)

    def text(self, language: str) -> str:
        """All faults, a line each."""
        chosen: Literal["zh", "en"] = "en" if language == "en" else "zh"
        return "\n".join(f"{fault.path}: {violation_text(fault, chosen)}" for fault in self.violations)


class _Selection(RulesError):  # noqa: N818 - named as its translations are
    """No rules can be chosen for the request."""

    def __init__(self, error: SelectionError, project: str = "project.") -> None:
        super().__init__(str(error))
        self._error = error
        self.field = error.field.replace("project.", project, 1)

    def text(self, language: str) -> str:
        """Fault and cure in ``zh`` or ``en``."""
        return self._error.text(language)


class NotFound(_Selection):
    """No bundle has the pinned id, version and hash."""


class PinContradiction(_Selection):
    """The pin contradicts region or date, or does not name one bundle."""


class UnknownRegion(_Selection):
    """No live bundle knows the region."""


class NotReady(_Selection):
    """No valid bundle is loaded."""


class LoadError(RulesError):
    """No ruleset could be loaded; the text lists every fault with its file and line."""

    def __init__(self, reloads: Iterable[Reload]) -> None:
        self.reloads = tuple(reloads)
        self.diagnostics = tuple(item for reload in self.reloads for item in reload.diagnostics)
        super().__init__("\n".join(str(item) for item in self.diagnostics) or "no ruleset was found")


_SELECTIONS: tuple[tuple[type[SelectionError], type[_Selection]], ...] = (
    (UnknownPinError, NotFound),
    (PinContradictionError, PinContradiction),
    (PinSyntaxError, PinContradiction),
    (UnknownRegionError, UnknownRegion),
    (NotReadyError, NotReady),
)


def _translated(error: SelectionError, project: str = "project.") -> RulesError:
    """The error as callers see it; ``project`` is where their request holds the region."""
    for kind, translation in _SELECTIONS:
        if isinstance(error, kind):
            return translation(error, project)
    return RulesError(str(error))


def _pin(context: RequestContext) -> Pin:
    pin = context.pin
    return Pin(pin.bundle, pin.version, pin.hash)


def _away(context: RequestContext) -> NotReady:
    """A published version that cannot be had just now."""
    return NotReady(NotReadyError("PIN-AWAY", "context.pin", pin=_pin(context)))


def today() -> int:
    """The day number of the present day in China, where fiscal days are counted."""
    return datetime.now(CHINA_TIME).date().toordinal()


class Reviewer:
    """Answers from one snapshot of the bundles: a batch asks one reviewer for all its items."""

    def __init__(self, rules: Rules, snapshot: Snapshot) -> None:
        self._rules = rules
        self._snapshot = snapshot
        self._brought: dict[str, Bundle] = {}

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """The bundles that answer without a pin, the highest version first."""
        return self._snapshot.live

    def review(self, request: ReviewRequest, size: int | None = None) -> ReviewResponse:
        """Review one application; ``size`` is its length in bytes, where the caller knows it.

        Raises ``InvalidRequest``, ``UnknownRegion``, ``NotFound``, ``PinContradiction``, ``NotReady``.
        """
        self._bring(request.context)
        work = self._begin_review(request, size)
        return work.finish(self._rules.concluder.conclude(*work.question))

    def assess(self, request: AssessRequest, size: int | None = None) -> AssessResponse:
        """Assess one report.  Raises as ``review``."""
        self._bring(request.context)
        work = self._begin_assess(request, size)
        return work.finish(self._rules.concluder.conclude(*work.question))

    async def review_async(self, request: ReviewRequest, size: int | None = None) -> ReviewResponse:
        """As ``review``; waits for the conclusions without blocking the event loop."""
        await self._bring_async(request.context)
        return await self._finish_async(self._begin_review(request, size))

    async def assess_async(self, request: AssessRequest, size: int | None = None) -> AssessResponse:
        """As ``assess``; waits for the conclusions without blocking the event loop."""
        await self._bring_async(request.context)
        return await self._finish_async(self._begin_assess(request, size))

    def look_up(self, request: LookUpRequest, size: int | None = None) -> LookUpResponse:
        """Look up core indicators in the libraries of a place.  Raises as ``review``."""
        self._bring(request.context)
        return self._look_up(request, size)

    async def look_up_async(self, request: LookUpRequest, size: int | None = None) -> LookUpResponse:
        """As ``look_up``, without blocking the event loop."""
        await self._bring_async(request.context)
        return self._look_up(request, size)

    def _look_up(self, request: LookUpRequest, size: int | None) -> LookUpResponse:
        faults = violations(request, self._rules.limits, size)
        if not request.region_code:
            faults.append(Violation("region_code", "REGION_MISSING"))
        if not request.context.rule_date and not request.HasField("fiscal_year"):
            faults.append(Violation("fiscal_year", "RULE_DATE_UNKNOWN"))
        if faults:
            raise InvalidRequest(faults)
        day = rule_date_of(request)
        try:
            selected = self._among().select(_pin(request.context), request.region_code, day)
            return look_up(selected.view, request, day)
        except SelectionError as error:
            raise _translated(error, "") from error
        except LookUpError as error:
            raise InvalidRequest(error.violations) from error

    def _missing(self, context: RequestContext) -> Mapping[str, Future[Bundle]]:
        """The versions that a pin fits and that are on their way into memory."""
        shelf = self._snapshot.shelf
        if shelf is None or not context.HasField("pin"):
            return {}
        try:
            missing = self._snapshot.missing(_pin(context))
        except SelectionError as error:
            raise _translated(error) from error
        return {digest: shelf.fetch(digest) for digest in missing if digest not in self._brought}

    def _bring(self, context: RequestContext) -> None:
        """Bring a pinned version into memory.  Raises ``NotReady``, ``PinContradiction``."""
        for digest, coming in self._missing(context).items():
            try:
                self._brought[digest] = coming.result()
            except (RegistryError, RulesetFaultsError) as error:
                raise _away(context) from error

    async def _bring_async(self, context: RequestContext) -> None:
        """As ``_bring``, without blocking the event loop; a caller that gives up stops nobody else's."""
        for digest, coming in self._missing(context).items():
            try:
                self._brought[digest] = await asyncio.shield(asyncio.wrap_future(coming))
            except (RegistryError, RulesetFaultsError) as error:
                raise _away(context) from error

    def view(self, request: Request) -> View:
        """The view that answers a structurally valid request.  Raises as ``review``."""
        return self._select(request).view

    def _select(self, request: Request) -> Prepared:
        context = request.context
        day = request_dates(request).rule_date
        if day is None:
            field = "project.fiscal_year" if isinstance(request, ReviewRequest) else "report.as_of"
            raise InvalidRequest([Violation(field, "RULE_DATE_UNKNOWN")])
        region = request.project.region_code
        if not region:
            raise InvalidRequest([Violation("project.region_code", "REGION_MISSING")])
        pin = context.pin
        key = (region, day, pin.bundle, pin.version, pin.hash)
        prepared = self._rules.remembered(self._snapshot, key)
        if prepared is None:
            try:
                selected = self._among().select(_pin(context), region, day)
            except SelectionError as error:
                raise _translated(error) from error
            prepared = self._rules.prepared(selected.view)
            self._rules.remember(self._snapshot, key, prepared)
        if context.families or context.verdict_map:
            self._check_words(context, prepared.view)
        return prepared

    def _among(self) -> Snapshot:
        """What there is to choose from: the snapshot, and what pins brought."""
        return self._snapshot.plus(self._brought.values()) if self._brought else self._snapshot

    def _begin_review(self, request: ReviewRequest, size: int | None) -> Work[ReviewResponse]:
        prepared, evaluated_on = self._prepare(request, size)
        return self._rules.engine.begin_review(prepared, request, evaluated_on)

    def _begin_assess(self, request: AssessRequest, size: int | None) -> Work[AssessResponse]:
        prepared, evaluated_on = self._prepare(request, size)
        return self._rules.engine.begin_assess(prepared, request, evaluated_on)

    def _prepare(self, request: Request, size: int | None) -> tuple[Prepared, int]:
        faults = violations(request, self._rules.limits, size)
        if faults:
            raise InvalidRequest(faults)
        asked = request.context.evaluated_on
        return self._select(request), parse_date(asked) if asked else self._rules.today()

    async def _finish_async(self, work: Work[Answer]) -> Answer:
        return work.finish(await self._rules.concluder.conclude_async(*work.question))

    @staticmethod
    def _check_words(context: RequestContext, view: View) -> None:
        """Families and verdict map are words of the ruleset: an unknown one would silently check nothing."""
        faults = []
        families = {check.family for check in view.checks}
        for position, family in enumerate(context.families):
            if family not in families:
                known = "、".join(sorted(families))
                faults.append(
                    Violation(
                        f"context.families[{position}]",
                        "FAMILY_UNKNOWN",
                        {"value": family[:40], "known": known},
                    )
                )
        if context.verdict_map and context.verdict_map not in view.verdict_maps:
            known = "、".join(sorted(view.verdict_maps))
            faults.append(
                Violation(
                    "context.verdict_map",
                    "VERDICT_MAP_UNKNOWN",
                    {"value": context.verdict_map[:40], "known": known},
                )
            )
        if faults:
            raise InvalidRequest(faults)


class Rules:
    """Loaded rulesets and the engine over them.  Close it at the end: it holds a watcher and a worker."""

    def __init__(
        self,
        source: SnapshotSource,
        *,
        concluder: GuardedConcluder,
        limits: Limits | None = None,
        on_fault: Callable[[Fault], None] | None = None,
        today: Callable[[], int] = today,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._source = source
        self._on_close = on_close
        self.concluder = concluder
        self.engine = Engine(concluder, on_fault)
        self.limits = limits or Limits()
        self.today = today
        self._prepared: OrderedDict[tuple[str, str, int | None], Prepared] = OrderedDict()
        self._preparing = Lock()
        self._chosen: tuple[Snapshot, dict[_Choice, Prepared]] = (source.current(), {})

    @classmethod
    def load(
        cls,
        *roots: Path,
        bundles: Path | None = None,
        trusted: TrustedKeys | None = None,
        feed: Feed | None = None,
        prepare: Callable[[Reviewer], None] = lambda _: None,
        concluder: Literal["guarded", "chainer"] = "guarded",
        watch_s: float = 0,
        limits: Limits | None = None,
        hooks: Hooks | None = None,
        on_fault: Callable[[Fault], None] | None = None,
        on_reload: Callable[[Reload], None] | None = None,
        on_watch_error: Callable[[Exception], None] = lambda _: None,
        today: Callable[[], int] = today,
    ) -> Rules:
        """Load rulesets from folders and from a folder of bundle files, or from a registry by its ``feed``.

        With ``trusted`` keys, bundle files need signatures; a feed has its own.  ``prepare`` is called
        with a reviewer over each version of a registry before it can answer.

        ``concluder``: ``guarded`` draws conclusions with durable-rules in a worker process and the
        chainer beside it, ``chainer`` with the chainer alone.  Every ``watch_s`` seconds (0: never)
        the folders are looked at for changes.  ``today`` gives the day of evaluation where a request
        names none.

        Raises ``LoadError`` if no ruleset could be loaded.
        """
        if feed is not None:
            return cls._follow(
                feed, prepare, make_concluder(concluder, hooks=hooks), limits, on_fault=on_fault, today=today
            )
        first: list[Reload] = []

        loading = True

        def report(reload: Reload) -> None:
            if loading:
                first.append(reload)
            if on_reload is not None:
                on_reload(reload)

        registry = Registry(roots, bundles, report, trusted)
        loading = False
        if not registry.current().is_ready:
            raise LoadError(reload for reload in first if not reload.ok)
        first.clear()
        watcher = Watcher(registry, watch_s, on_watch_error) if watch_s else None
        if watcher is not None:
            watcher.start()
        rules = cls(
            registry,
            concluder=make_concluder(concluder, hooks=hooks),
            limits=limits,
            on_fault=on_fault,
            today=today,
            on_close=watcher.stop if watcher is not None else lambda: None,
        )
        rules.warm(registry.current().live)
        return rules

    @classmethod
    def _follow(
        cls,
        feed: Feed,
        prepare: Callable[[Reviewer], None],
        concluder: GuardedConcluder,
        limits: Limits | None,
        *,
        on_fault: Callable[[Fault], None] | None,
        today: Callable[[], int],
    ) -> Rules:
        """Rules over a registry; each of its versions is warm before it can answer."""
        rules = cls(
            feed, concluder=concluder, limits=limits, on_fault=on_fault, today=today, on_close=feed.close
        )

        def warm(bundle: Bundle) -> None:
            rules.warm([bundle])
            prepare(Reviewer(rules, Snapshot([bundle])))

        feed.start(warm)
        if not feed.current().is_ready:
            rules.close()
            raise LoadError([])  # told by the feed already
        return rules

    @classmethod
    def of(cls, *bundles: Bundle) -> Rules:
        """Rules over bundles at hand, none of them published; the chainer alone concludes."""
        return cls(Fixed(Snapshot(bundles)), concluder=make_concluder("chainer"))

    def warm(self, bundles: Iterable[Bundle]) -> None:
        """Start the conclusion worker and let it load the decisions of bundles."""
        day = self.today()
        for bundle in bundles:
            for layer in bundle.source.layers:
                for decisions in self.prepared(bundle.view(layer.region, day)).decisions.values():
                    self.concluder.warm(decisions, [(), (any_pass_fact(),)])

    def snapshot(self) -> Reviewer:
        """A reviewer over the bundles that are live now."""
        return Reviewer(self, self._source.current())

    def review(self, request: ReviewRequest) -> ReviewResponse:
        """Review one application on the bundles that are live now.  Raises as ``Reviewer.review``."""
        return self.snapshot().review(request)

    def assess(self, request: AssessRequest) -> AssessResponse:
        """Assess one report on the bundles that are live now.  Raises as ``Reviewer.review``."""
        return self.snapshot().assess(request)

    def look_up(self, request: LookUpRequest) -> LookUpResponse:
        """Look up core indicators on the bundles that are live now.  Raises as ``Reviewer.review``."""
        return self.snapshot().look_up(request)

    def replay(self, record: ReviewRecord | AssessRecord) -> ReviewResponse | AssessResponse:
        """Answer a record's request anew, under the rules and dates that its stamp names.

        The answer has the recorded digest, unless the record was changed.  Raises as ``review``.
        """
        request = as_replayed(record)
        return self.review(request) if isinstance(request, ReviewRequest) else self.assess(request)

    def prepared(self, view: View) -> Prepared:
        """The view made ready; kept for as long as it is among those used lately.

        Regions without rules of their own answer by one view of their ancestor, each under its own chain
        of regions: they share everything that is prepared.
        """
        key = (view.hash, view.layer, view.rule_from)
        with self._preparing:
            found = self._prepared.get(key)
            if found is None:
                found = self._prepared[key] = Prepared(view)
                while len(self._prepared) > _PREPARED_VIEWS:
                    self._prepared.popitem(last=False)
            else:
                self._prepared.move_to_end(key)
        return found.under(view)

    def remembered(self, snapshot: Snapshot, key: _Choice) -> Prepared | None:
        """What was chosen for these demands on this snapshot, if it was asked for lately."""
        of, chosen = self._chosen
        return chosen.get(key) if of is snapshot else None

    def remember(self, snapshot: Snapshot, key: _Choice, prepared: Prepared) -> None:
        """Keep a choice; a new snapshot, or too many choices, begin a new memory."""
        of, chosen = self._chosen
        if of is not snapshot or len(chosen) >= _CHOICES:
            chosen = {}
            self._chosen = (snapshot, chosen)
        chosen[key] = prepared

    def close(self) -> None:
        """Stop looking for new rules, and the conclusion worker."""
        self._on_close()
        self.concluder.close()

    def __enter__(self) -> Rules:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def as_replayed(record: ReviewRecord | AssessRecord) -> ReviewRequest | AssessRequest:
    """The record's request with the bundle and the dates of its stamp."""
    stamp = record.response.stamp
    request: ReviewRequest | AssessRequest
    if isinstance(record, ReviewRecord):
        request = ReviewRequest()
        request.CopyFrom(record.request)
    else:
        request = AssessRequest()
        request.CopyFrom(record.request)
    context = request.context
    context.pin.bundle, context.pin.version, context.pin.hash = stamp.bundle, stamp.version, stamp.hash
    context.rule_date, context.evaluated_on = stamp.rule_date, stamp.evaluated_on
    if isinstance(request, ReviewRequest):
        context.as_of = stamp.as_of
    return request
