"""Whether the log is whole, and which of its entries count: the chain of hashes, and the signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.event import GENESIS, SIGNED, Event, Head, Kind
from rules_service.registry.faults import StoreError, fault
from rules_service.registry.machine import after
from rules_service.registry.signing import Signature, TrustedKeys
from rules_service.registry.states import RegistryState
from rules_service.registry.store import Store
from rules_service.values.words import engine_words

__all__ = [
    "LogReport",
    "LogState",
    "broken",
    "bundle_signature",
    "check_log",
    "distrusted",
    "entries",
    "read_log",
]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class LogReport:
    """How a log was found: its head, the first broken entry, and entries that nobody should rely on."""

    head: Head
    broken: Diagnostic | None
    doubtful: tuple[Diagnostic, ...]


def broken(before: Head, event: Event) -> Diagnostic | None:
    """Why an entry cannot be the one behind ``before``; ``None`` if it can."""
    place = f"#{event.seq}"
    if event.seq != before.seq + 1:
        return fault("LOG-GAP", place, seq=event.seq, expected=before.seq + 1)
    if event.prev_hash != before.hash:
        return fault("LOG-CHAIN", place, seq=event.seq)
    if event.digest() != event.hash:
        return fault("LOG-ALTERED", place, **_told(event))
    return None


def bundle_signature(event: Event) -> Signature | None:
    """The signature over the content that a publish entry carries."""
    text = event.body.get("bundle_signature")
    return Signature.of_line(text) if isinstance(text, str) else None


def distrusted(event: Event, trusted: TrustedKeys | None) -> Diagnostic | None:
    """Why an entry that changes what answers does not count; ``None`` if it does, or needs no signature.

    Without ``trusted`` keys only the presence of signatures is asked for.
    """
    if event.kind not in SIGNED:
        return None
    place, values = f"#{event.seq}", _told(event)
    if not event.signature:
        return fault("EVENT-UNSIGNED", place, **values)
    if trusted is None:
        return None
    if event.key_id not in trusted.ids:
        return fault("EVENT-KEY-UNKNOWN", place, key=event.key_id, **values)
    if not trusted.signed_event(event):
        return fault("EVENT-SIGNATURE", place, key=event.key_id, **values)
    if event.kind is Kind.PUBLISH:
        signature = bundle_signature(event)
        if signature is None or not trusted.signed_bundle(event.version, signature):
            return fault("EVENT-BUNDLE-SIGNATURE", place, hash=event.version, **values)
    return None


def _told(event: Event) -> dict[str, object]:
    kinds = {f"kind_{language}": engine_words(language)[f"step.{event.kind}"] for language in ("zh", "en")}
    return {"seq": event.seq, "actor": event.actor, **kinds}


@dataclass(frozen=True, slots=True)
class LogState:
    """A log that was read: its head, and what it says."""

    head: Head = GENESIS
    state: RegistryState = field(default_factory=RegistryState)

    def after(self, event: Event, trusted: TrustedKeys | None) -> tuple[LogState, Diagnostic | None]:
        """One entry further, and why the entry does not count if it does not.

        Raises ``StoreError`` for an entry that is not the next one of a whole log.
        """
        wrong = broken(self.head, event)
        if wrong is not None:
            raise StoreError("LOG-BROKEN", wrong.file, why_zh=wrong.zh, why_en=wrong.en)
        state, doubt = self.state, distrusted(event, trusted)
        if doubt is None:
            state, doubt = after(state, event)
        return LogState(event.head, state), doubt


def read_log(store: Store, trusted: TrustedKeys | None, until: datetime | None = None) -> LogState:
    """Read the whole log, or its entries up to a time.  Raises ``StoreError`` for a broken one."""
    log = LogState()
    for event in entries(store):
        if until is not None and event.at > until:
            break
        log, _ = log.after(event, trusted)
    return log


def check_log(store: Store, trusted: TrustedKeys | None) -> LogReport:
    """Walk the whole log from its first entry."""
    log, doubtful = LogState(), list[Diagnostic]()
    try:
        for event in entries(store):
            wrong = broken(log.head, event)
            if wrong is not None:
                return LogReport(log.head, wrong, tuple(doubtful))
            log, doubt = log.after(event, trusted)
            if doubt is not None:
                doubtful.append(doubt)
    except StoreError as error:
        if error.code != "LOG-UNREADABLE":
            raise
        return LogReport(log.head, error.diagnostic, tuple(doubtful))
    return LogReport(log.head, _cut_off(store, log.head), tuple(doubtful))


def _cut_off(store: Store, head: Head) -> Diagnostic | None:
    """A chain does not show that its end is missing, but the running processes have seen it."""
    for replica in store.replicas():
        if replica.head_seq > head.seq:
            seen = {"replica": replica.name, "seen": replica.head_seq, "seq": head.seq}
            return fault("LOG-SHORT", f"#{head.seq + 1}", **seen)
    return None


def entries(store: Store, after: int = 0) -> Iterator[Event]:
    """The entries behind a number, page by page."""
    while page := store.events(after, _PAGE):
        yield from page
        after = page[-1].seq
