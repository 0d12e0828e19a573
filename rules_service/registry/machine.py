"""The state machine of publishing: whose step each is, and what is refused, with the cure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.event import SIGNED, Kind
from rules_service.registry.faults import fault
from rules_service.registry.folding import obstacle
from rules_service.registry.states import RegistryState
from rules_service.values.dates import CHINA_TIME
from rules_service.values.words import engine_words

__all__ = ["CONFIRMABLE", "MAY", "Guards", "Role", "Step", "refusal"]


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
    hindered = obstacle(state, step, max(step.at, last or step.at))
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
