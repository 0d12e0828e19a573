"""What the log makes of every version, entry by entry, and what a state does not allow. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Protocol

from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.event import Event, Kind, time_of
from rules_service.registry.faults import fault
from rules_service.registry.states import (
    Activation,
    Check,
    Deed,
    Publication,
    RegistryState,
    RulesetState,
    Stage,
    Version,
)

__all__ = ["after", "fold", "obstacle"]


def fold(events: Iterable[Event]) -> RegistryState:
    """What entries that count (chained, and signed where needed) say together."""
    state = RegistryState()
    for event in events:
        state, _ = after(state, event)
    return state


def after(state: RegistryState, event: Event) -> tuple[RegistryState, Diagnostic | None]:
    """The state after one more entry; an entry that its state does not allow changes nothing, and is told."""
    if state.last_at is not None and event.at < state.last_at:
        event = replace(event, at=state.last_at)  # the order of the log is the order of time
    hindered = obstacle(state, event, event.at)
    if hindered is not None:
        ignored = fault("EVENT-IGNORED", f"#{event.seq}", seq=event.seq, code=hindered)
        return replace(state, last_at=event.at), ignored
    ruleset = state.rulesets.get(event.ruleset, RulesetState(event.ruleset))
    changed = _EFFECTS[event.kind](ruleset, event)
    return RegistryState(MappingProxyType({**state.rulesets, event.ruleset: changed}), event.at), None


class Doing(Protocol):
    """What somebody does or did: a step that is wanted, or an entry of the log."""

    @property
    def kind(self) -> Kind:
        """What is done."""
        ...

    @property
    def ruleset(self) -> str:
        """To which ruleset."""
        ...

    @property
    def version(self) -> str:
        """The hash of the version."""
        ...

    @property
    def actor(self) -> str:
        """By whom."""
        ...


def obstacle(state: RegistryState, deed: Doing, at: datetime) -> str | None:
    """The code of what the state itself does not allow, whoever asks; ``None`` if nothing hinders."""
    kind = deed.kind
    version = state.version(deed.ruleset, deed.version)
    if version is None:
        return None if kind is Kind.DRAFT else "VERSION-UNKNOWN"
    if version.retirement is not None:
        return "RETIRED"
    if kind in {Kind.DRAFT, Kind.CHECK, Kind.APPROVE, Kind.REJECT, Kind.PUBLISH}:
        return _before_publishing(version, kind, deed.actor)
    if version.publication is None:
        return "NOT-PUBLISHED"
    live = state.rulesets[deed.ruleset].live(at)
    if live is not None and live.version == deed.version:
        return "LIVE-NOT-RETIRED" if kind is Kind.RETIRE else "ALREADY-LIVE"
    return None


def _before_publishing(version: Version, kind: Kind, actor: str) -> str | None:
    if version.publication is not None:
        return "ALREADY-PUBLISHED"
    if kind is Kind.DRAFT:
        return None
    if version.rejection is not None:
        return "REJECTED"
    if kind in {Kind.CHECK, Kind.REJECT}:
        return None
    if version.stage is Stage.DRAFT:
        return _check_wanting(version)
    approved = version.approval is not None
    if kind is Kind.PUBLISH:
        return None if approved else "NOT-APPROVED"
    if approved:
        return "ALREADY-APPROVED"
    return "APPROVER-IS-EDITOR" if actor in version.editors else None


def _check_wanting(version: Version) -> str:
    check = version.check
    if check is None:
        return "UNCHECKED"
    return "CHECK-OLD" if check.deed.seq < version.drafted.seq else "CHECK-FAILED"


# Effects


def _draft(ruleset: RulesetState, event: Event) -> RulesetState:
    """A content put in again, also after its rejection, begins anew: check and approval are older."""
    before = ruleset.versions.get(event.version)
    editors = before.editors if before is not None else frozenset()
    label = event.body.get("label")
    version = Version(
        event.version,
        event.ruleset,
        label if isinstance(label, str) else "",
        _deed(event),
        editors | {event.actor},
        check=before.check if before is not None else None,
    )
    return _with(ruleset, version)


def _check(ruleset: RulesetState, event: Event) -> RulesetState:
    """A newer check voids an approval that was given on an older one."""
    body = event.body
    check = Check(_deed(event), body.get("ok") is True, _share(body.get("newly_failing_share")))
    return _with(ruleset, replace(ruleset.versions[event.version], check=check, approval=None))


def _approve(ruleset: RulesetState, event: Event) -> RulesetState:
    return _with(ruleset, replace(ruleset.versions[event.version], approval=_deed(event)))


def _reject(ruleset: RulesetState, event: Event) -> RulesetState:
    return _with(ruleset, replace(ruleset.versions[event.version], rejection=_deed(event)))


def _publish(ruleset: RulesetState, event: Event) -> RulesetState:
    signature = event.body.get("bundle_signature")
    publication = Publication(_deed(event), signature if isinstance(signature, str) else "")
    published = _with(ruleset, replace(ruleset.versions[event.version], publication=publication))
    return _activated(published, event)


def _activate(ruleset: RulesetState, event: Event) -> RulesetState:
    return _activated(ruleset, event)


def _rollback(ruleset: RulesetState, event: Event) -> RulesetState:
    """What is rolled back must not come again by an order of before."""
    live = ruleset.live(event.at)
    left = _without_pending(ruleset, live.version, event.at) if live is not None else ruleset
    return _activated(left, event)


def _retire(ruleset: RulesetState, event: Event) -> RulesetState:
    return _with(ruleset, replace(ruleset.versions[event.version], retirement=_deed(event)))


_EFFECTS: Mapping[Kind, Callable[[RulesetState, Event], RulesetState]] = MappingProxyType(
    {
        Kind.DRAFT: _draft,
        Kind.CHECK: _check,
        Kind.APPROVE: _approve,
        Kind.REJECT: _reject,
        Kind.PUBLISH: _publish,
        Kind.ACTIVATE: _activate,
        Kind.ROLLBACK: _rollback,
        Kind.RETIRE: _retire,
    }
)


def _with(ruleset: RulesetState, version: Version) -> RulesetState:
    return replace(ruleset, versions=MappingProxyType({**ruleset.versions, version.hash: version}))


def _activated(ruleset: RulesetState, event: Event) -> RulesetState:
    """A newer order for a version takes the place of one that has not come yet."""
    left = _without_pending(ruleset, event.version, event.at)
    activation = Activation(event.seq, event.version, event.at, _time(event.body.get("live_from")))
    return replace(left, activations=(*left.activations, activation))


def _without_pending(ruleset: RulesetState, version: str, at: datetime) -> RulesetState:
    kept = tuple(each for each in ruleset.activations if each.version != version or each.has_come(at))
    return replace(ruleset, activations=kept)


def _deed(event: Event) -> Deed:
    note = event.body.get("note")
    return Deed(event.seq, event.at, event.actor, note if isinstance(note, str) else "")


def _time(text: object) -> datetime | None:
    """An unreadable date is as good as none: the entry was signed, so its author meant it to hold."""
    try:
        return time_of(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _share(text: object) -> Decimal | None:
    if text is None:
        return None
    try:
        share = Decimal(str(text))
    except InvalidOperation:
        return Decimal(1)  # unreadable: the cautious reading
    return share if share.is_finite() else Decimal(1)
