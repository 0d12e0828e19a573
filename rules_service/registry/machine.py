"""The state machine of publishing: what follows from the log, and what is refused at each step. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType

from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.event import SIGNED, Event, Kind, time_of
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
from rules_service.values.dates import CHINA_TIME
from rules_service.values.words import engine_words

__all__ = ["CONFIRMABLE", "MAY", "Guards", "Role", "Step", "after", "fold", "refusal"]


class Role(StrEnum):
    """What somebody is to the registry."""

    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    READER = "reader"


MAY: Mapping[Kind, frozenset[Role]] = MappingProxyType(
    {
        Kind.DRAFT: frozenset({Role.EDITOR}),
        Kind.CHECK: frozenset({Role.EDITOR, Role.APPROVER}),
        Kind.APPROVE: frozenset({Role.APPROVER}),
        Kind.REJECT: frozenset({Role.APPROVER}),
        Kind.PUBLISH: frozenset({Role.OPERATOR}),
        Kind.ACTIVATE: frozenset({Role.OPERATOR}),
        Kind.ROLLBACK: frozenset({Role.OPERATOR}),
        Kind.RETIRE: frozenset({Role.OPERATOR}),
    }
)
"""Whose step each kind is; every role may read."""

CONFIRMABLE = frozenset({"CLOCK-BACK", "DATE-PAST", "IMPACT-LARGE"})
"""The refusals that a stated reason overcomes; the reason stands in the log."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The lines that a step must not cross unconfirmed; engineering defaults.

    ``newly_failing_share`` (0 to 1): of the projects of the impact, those that would fail anew.
    ``clock_tolerance``: by how much a machine's clock may lag behind the newest entry.
    """

    newly_failing_share: Decimal = Decimal("0.2")
    clock_tolerance: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody wants to do now (``at``, by the clock); ``live_from`` is ``None`` for at once."""

    kind: Kind
    ruleset: str
    version: str
    actor: str
    roles: frozenset[Role]
    at: datetime
    live_from: datetime | None = None
    signed: bool = False
    confirmed: frozenset[str] = frozenset()


def refusal(state: RegistryState, step: Step, guards: Guards) -> Diagnostic | None:
    """Why a step is refused, with the cure; ``None`` if it may be done."""
    if not step.roles & MAY[step.kind]:
        return _fault("ROLE-LACKING", step, actor=step.actor, **_words(step.kind))
    last = state.last_at
    if last is not None and step.at < last - guards.clock_tolerance and "CLOCK-BACK" not in step.confirmed:
        return _fault("CLOCK-BACK", step, now=_shown(step.at), last=_shown(last))
    hindered = _obstacle(state, step, max(step.at, last or step.at))
    if hindered is not None:
        return _fault(hindered, step, actor=step.actor)
    if step.live_from is not None and step.live_from < step.at and "DATE-PAST" not in step.confirmed:
        return _fault("DATE-PAST", step, day=_shown(step.live_from), now=_shown(step.at))
    if step.kind is Kind.PUBLISH and "IMPACT-LARGE" not in step.confirmed:
        share, limit = _newly_failing(state, step), guards.newly_failing_share
        if share is not None and share > limit:
            return _fault("IMPACT-LARGE", step, share=_percent(share), limit=_percent(limit))
    if step.kind in SIGNED and not step.signed:
        return _fault("UNSIGNED", step)
    return None


def _newly_failing(state: RegistryState, step: Step) -> Decimal | None:
    version = state.version(step.ruleset, step.version)
    return version.check.newly_failing_share if version is not None and version.check is not None else None


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
    hindered = _obstacle(state, event, event.at)
    if hindered is not None:
        ignored = fault("EVENT-IGNORED", f"#{event.seq}", seq=event.seq, code=hindered)
        return replace(state, last_at=event.at), ignored
    ruleset = state.rulesets.get(event.ruleset, RulesetState(event.ruleset))
    changed = _EFFECTS[event.kind](ruleset, event)
    return RegistryState(MappingProxyType({**state.rulesets, event.ruleset: changed}), event.at), None


# Obstacles: what the state itself does not allow, whoever asks. The log's entries are held to them too.


def _obstacle(state: RegistryState, deed: Step | Event, at: datetime) -> str | None:
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


# Texts


def _fault(code: str, step: Step, **values: object) -> Diagnostic:
    return fault(code, step.ruleset, version=step.version[:12], **values)


def _words(kind: Kind) -> dict[str, str]:
    """A kind of step and whose it is, as people call them."""
    told = {}
    for language, comma in (("zh", "、"), ("en", ", ")):
        words = engine_words(language)
        told[f"kind_{language}"] = words[f"step.{kind}"]
        told[f"needed_{language}"] = comma.join(words[f"role.{role}"] for role in sorted(MAY[kind]))
    return told


def _shown(at: datetime) -> str:
    return at.astimezone(CHINA_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
