"""From the registry into a running service: follows the log, prepares versions, swaps in one assignment.

Two threads. One looks at the head of the log and at the clock, and swaps: never more than a short query, so
that what is prepared takes over at its moment. The other fetches, verifies, compiles and warms what will be
needed, keeps the last good state on disk, and says what this process serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event as Signal
from threading import Lock, Thread
from types import MappingProxyType

from rules_service.compile.bundle import Bundle, load_bundle
from rules_service.compile.sources import RulesetFaultsError
from rules_service.registry.decisions import decision_faults
from rules_service.registry.event import Event
from rules_service.registry.faults import ContentError, RegistryError, StoreAwayError, StoreError
from rules_service.registry.feed_reports import FeedReports, FeedSettings, Troubles
from rules_service.registry.feed_sources import Plan, Sources
from rules_service.registry.log import LogState, entries
from rules_service.registry.registry import REGISTRY, Reload, warm_views
from rules_service.registry.shelf import CompiledShelf
from rules_service.registry.snapshot import Published, Snapshot
from rules_service.registry.states import Activation, RulesetState
from rules_service.registry.store import Store

__all__ = ["Feed"]


@dataclass(frozen=True, slots=True)
class _Answering:
    """What answers for a ruleset, by which order."""

    activation: Activation
    bundle: Bundle


class Feed:
    """A ``SnapshotSource`` over a registry.  ``clock`` gives the time by which versions become due."""

    def __init__(
        self,
        settings: FeedSettings,
        reports: FeedReports,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._reports = reports
        self._clock = clock
        self._troubles = Troubles(reports)
        self._prepare: Callable[[Bundle], None] = lambda _: None
        self._sources = Sources(settings, self._troubles, clock)
        self._log, self._before = self._sources.start()
        self._floors = dict(_floors(self._log, self._before))
        self._answering: dict[str, _Answering] = {}
        self._taken: list[Reload] = []
        self._shelf = CompiledShelf(self._make, settings.spare)
        self._snapshot = Snapshot()
        self._plan = Plan(self._log.head)
        self._seen: object = None
        self._new: list[Event] = []
        self._failed: dict[str, datetime] = {}
        self._swapping = Lock()
        self._stop, self._work = Signal(), Signal()
        self._threads = (
            Thread(target=self._looking, name="registry-look", daemon=True),
            Thread(target=self._working, name="registry-work", daemon=True),
        )

    def current(self) -> Snapshot:
        """The snapshot that new requests hold on to."""
        return self._snapshot

    def start(self, prepare: Callable[[Bundle], None] = lambda _: None) -> None:
        """Take over what is live, from the registry or the last good state, then follow.

        ``prepare`` is called with each bundle before it can answer.
        """
        self._prepare = prepare
        self.look()
        self.work()
        self._resume()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both threads."""
        self._stop.set()
        self._work.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._shelf.close()
        self._sources.close()

    # Looking: the log, the clock, the swap

    def look(self) -> None:
        """Read what is new in the log, and let what is due and ready answer."""
        self._swap()  # what is due does not wait for a registry that is slow or away
        try:
            self._advance(self._sources.store())
        except RegistryError as error:
            self._trouble(error)
        else:
            self._sources.heard = self._clock()
            self._troubles.over("registry")
            self._reports.on_registry(self._sources.heard, None)
        self._swap()

    def _advance(self, store: Store) -> None:
        head, known = store.head(), self._log.head
        if head == known:
            return
        if head.seq <= known.seq:
            raise StoreError("LOG-REWRITTEN", f"#{head.seq}", seq=head.seq)
        for event in entries(store, known.seq):
            log, doubt = self._log.after(event, self._settings.trusted)
            self._new.append(event)
            self._log = log
            if doubt is not None:
                self._reports.on_refused(doubt)

    def _swap(self) -> None:
        """Make the snapshot anew if the log, what is due, or what is in memory has changed."""
        with self._swapping:
            log, now = self._log, self._clock()
            rulesets = log.state.rulesets
            due = {
                ruleset.id: orders
                for ruleset in rulesets.values()
                if (orders := ruleset.orders(now, self._floors.get(ruleset.id, 0)))
            }
            seen = (log.head, [orders[0] for orders in due.values()], self._shelf.changes)
            if seen == self._seen:
                return
            stuck = [seq for name, orders in due.items() for seq in self._answer(name, orders)]
            answering = [each.bundle for each in self._answering.values()]
            wanted = tuple(dict.fromkeys(self._wanted(rulesets, due, now)))
            self._plan = Plan(
                log.head,
                wanted,
                {digest: ruleset.id for ruleset in rulesets.values() for digest in ruleset.versions},
                {name: (each.bundle.hash, each.activation.since) for name, each in self._answering.items()},
                min(stuck) - 1 if stuck else log.head.seq,
            )
            self._shelf.keep(frozenset(wanted) | {bundle.hash for bundle in answering})
            self._seen = (*seen[:2], self._shelf.changes)
            ready = [bundle for digest in wanted if (bundle := self._shelf.get(digest)) is not None]
            live = frozenset(bundle.hash for bundle in answering)
            snapshot = Snapshot([*answering, *ready], live, _published(rulesets), self._shelf)
            if not self._snapshot.same_as(snapshot):
                self._snapshot = snapshot  # one reference assignment: readers see the old or the new one
            for taken in self._taken:  # told only now that it answers
                self._reports.on_reload(taken)
            self._taken.clear()
        self._work.set()

    def _answer(self, name: str, orders: list[Activation]) -> Iterator[int]:
        """Let the newest version answer that is ready; yield the numbers of due orders that are not.

        Never one older than what answers, and at first only the one that is due.
        """
        before = self._answering.get(name)
        newer = orders[:1]
        if before is not None and before.activation in orders:
            newer = orders[: orders.index(before.activation) + 1]
        for order in newer:
            bundle = self._shelf.get(order.version)
            if bundle is not None:
                self._take(name, order, bundle)
                return
            yield order.seq

    def _take(self, name: str, order: Activation, bundle: Bundle) -> None:
        before = self._answering.get(name)
        self._answering[name] = _Answering(order, bundle)
        self._floors[name] = order.seq
        if before is None or before.bundle.hash != bundle.hash:
            self._taken.append(Reload(_source(name, bundle.hash), bundle, bundle.warnings))

    def _wanted(
        self, rulesets: Mapping[str, RulesetState], due: Mapping[str, list[Activation]], now: datetime
    ) -> Iterator[str]:
        """What must be in memory: what is due, what comes next, what may be gone back to."""
        yield from (orders[0].version for orders in due.values())
        for ruleset in rulesets.values():
            yield from (later.version for later in ruleset.scheduled(now))
        for ruleset in rulesets.values():
            yield from islice(ruleset.past(now), self._settings.past)

    # Working: preparing, the disk, the heartbeat

    def work(self) -> None:
        """Prepare everything that is wanted, then save and tell what there is."""
        tried: set[str] = set()
        while not self._stop.is_set():
            missing = (digest for digest in self._plan.wanted if self._shelf.get(digest) is None)
            digest = next((each for each in missing if each not in tried and not self._waits(each)), None)
            if digest is None:
                break
            tried.add(digest)
            self._bring(digest)
        plan = self._plan
        events = [event for event in list(self._new) if event.seq <= plan.good]
        wanted = {*plan.wanted, *(digest for digest, _ in plan.live.values())}
        here = {digest: bundle.dump for digest in wanted if (bundle := self._shelf.get(digest)) is not None}
        if self._sources.save(plan, events, here):
            del self._new[: len(events)]
        try:
            self._sources.beat(plan, self._shelf.hashes())
        except RegistryError as error:
            self._trouble(error)

    def _bring(self, digest: str) -> None:
        source = _source(self._plan.ruleset_of.get(digest, ""), digest)
        try:
            bundle = self._make(digest)
        except StoreAwayError as error:
            self._trouble(error)
            self._failed[digest] = self._clock()
        except (RulesetFaultsError, RegistryError) as error:
            self._failed[digest] = self._clock()
            found = error.diagnostics if isinstance(error, RulesetFaultsError) else (error.diagnostic,)
            self._troubles.refuse(source, tuple(found))
        else:
            self._failed.pop(digest, None)
            self._troubles.over(source)
            self._shelf.put(bundle)
            self._reports.on_ready(bundle)
            self._swap()

    def _make(self, digest: str) -> Bundle:
        """Fetch, verify, compile and warm.  Raises ``RegistryError`` and ``RulesetFaultsError``."""
        bundle = load_bundle(self._sources.content(digest))
        ruleset = self._plan.ruleset_of.get(digest, bundle.id)
        if bundle.id != ruleset:
            raise ContentError("CONTENT-OTHER", digest, hash=digest, found=bundle.id, ruleset=ruleset)
        faults = decision_faults(bundle)
        if faults:
            raise RulesetFaultsError(faults)
        warm_views(bundle)
        self._prepare(bundle)
        return bundle

    def _waits(self, digest: str) -> bool:
        """Whether a version that could not be prepared is to be left for a while."""
        failed = self._failed.get(digest)
        return failed is not None and self._clock() - failed < timedelta(seconds=self._settings.retry_s)

    def _resume(self) -> None:
        """Answer with what last answered here, where the version that is due cannot be had."""
        for name, (digest, _) in self._before.items():
            ruleset = self._log.state.rulesets.get(name)
            orders = ruleset.activations if ruleset is not None else ()
            last = next((each for each in orders if each.seq == self._floors.get(name)), None)
            if name in self._answering or last is None:
                continue
            if self._shelf.get(digest) is None:
                self._bring(digest)
            bundle = self._shelf.get(digest)
            if bundle is not None:
                self._take(name, last, bundle)
                self._seen = None
        self._swap()

    def _trouble(self, error: RegistryError) -> None:
        self._reports.on_registry(self._sources.heard, error.diagnostic)
        self._troubles.tell("registry", error.diagnostic)

    # The threads

    def _looking(self) -> None:
        while not self._stop.wait(self._pause()):
            self._guarded(self.look)

    def _working(self) -> None:
        while not self._stop.is_set():
            self._guarded(self.work)
            self._work.wait(self._settings.beat_s)
            self._work.clear()

    def _pause(self) -> float:
        """Seconds until the next look: the interval, or less when a version is due sooner."""
        now = self._clock()
        soonest = [
            (later[0].since - now).total_seconds()
            for ruleset in self._log.state.rulesets.values()
            if (later := ruleset.scheduled(now))
        ]
        return max(0.0, min([self._settings.interval_s, *soonest]))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the thread must outlive any fault
            self._reports.on_feed_error(error)


def _floors(log: LogState, before: Mapping[str, tuple[str, datetime]]) -> Iterator[tuple[str, int]]:
    """By ruleset the number of the order by which a version was seen to be live."""
    for name, held in before.items():
        ruleset = log.state.rulesets.get(name)
        for each in ruleset.activations if ruleset is not None else ():
            if (each.version, each.since) == held:
                yield name, each.seq


def _published(rulesets: Mapping[str, RulesetState]) -> Mapping[str, Published]:
    return MappingProxyType(
        {
            version.hash: Published(version.ruleset, version.label, version.hash)
            for ruleset in rulesets.values()
            for version in ruleset.versions.values()
            if version.publication is not None
        }
    )


def _source(ruleset: str, digest: str) -> str:
    return f"{REGISTRY}{ruleset}/{digest[:12]}"
