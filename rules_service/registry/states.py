"""What the log has made of every version: drafts, checks, approvals, and which version is live when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

__all__ = ["Activation", "Check", "Deed", "Publication", "RegistryState", "RulesetState", "Stage", "Version"]


class Stage(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"
    LIVE = "live"
    RETIRED = "retired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did something, when, and what they noted."""

    seq: int
    at: datetime
    actor: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found; ``newly_failing_share`` (0 to 1) is ``None`` where no impact was worked out."""

    deed: Deed
    ok: bool
    newly_failing_share: Decimal | None


@dataclass(frozen=True, slots=True)
class Publication:
    """The signed publishing; ``signature`` is the line of the signature over the content."""

    deed: Deed
    signature: str


@dataclass(frozen=True, slots=True)
class Activation:
    """An order that a version shall answer: from ``due`` on, or at once (``None``)."""

    seq: int
    version: str
    at: datetime
    due: datetime | None

    @property
    def since(self) -> datetime:
        """The moment from which it holds."""
        return self.at if self.due is None else max(self.at, self.due)

    @property
    def order(self) -> tuple[datetime, int]:
        """Of two that have come, the one with the higher order answers."""
        return (self.since, self.seq)

    def has_come(self, now: datetime) -> bool:
        """Whether it holds at a time.

        What was ordered at once holds as soon as it stands in the log, whatever this machine's clock says.
        """
        return self.due is None or self.due <= now


@dataclass(frozen=True, slots=True)
class Version:
    """One content and what was done to it; ``label`` is the version that its ruleset.yaml names."""

    hash: str
    ruleset: str
    label: str
    drafted: Deed
    editors: frozenset[str]
    check: Check | None = None
    approval: Deed | None = None
    rejection: Deed | None = None
    publication: Publication | None = None
    retirement: Deed | None = None

    @property
    def stage(self) -> Stage:
        """How far it has come, apart from being live, which depends on the time."""
        if self.retirement is not None:
            return Stage.RETIRED
        if self.publication is not None:
            return Stage.PUBLISHED
        if self.rejection is not None:
            return Stage.REJECTED
        if self.approval is not None:
            return Stage.APPROVED
        fresh = self.check is not None and self.check.ok and self.check.deed.seq > self.drafted.seq
        return Stage.CHECKED if fresh else Stage.DRAFT


@dataclass(frozen=True, slots=True)
class RulesetState:
    """The versions of one ruleset by hash, and the activations in the order of the log."""

    id: str
    versions: Mapping[str, Version] = field(default_factory=lambda: MappingProxyType({}))
    activations: tuple[Activation, ...] = ()

    def live(self, now: datetime, floor: int = 0) -> Activation | None:
        """The activation that holds at a time; ``None`` before the first.  ``floor`` as in ``orders``."""
        return next(iter(self.orders(now, floor)), None)

    def orders(self, now: datetime, floor: int = 0) -> list[Activation]:
        """All activations that have come at a time, the one that holds first.

        ``floor`` is the number of one that was seen to hold: a clock that was set back does not undo it.
        """
        come = [each for each in self._standing() if each.has_come(now) or each.seq == floor]
        return sorted(come, key=lambda each: each.order, reverse=True)

    def scheduled(self, now: datetime) -> list[Activation]:
        """What will answer later, the next first."""
        live = self.live(now)
        later = [each for each in self._standing() if not each.has_come(now)]
        return sorted(
            (each for each in later if live is None or each.order > live.order), key=lambda each: each.order
        )

    def past(self, now: datetime) -> Iterator[str]:
        """The hashes of versions that were live before the one that is, the latest first, each once."""
        live = self.live(now)
        seen = {live.version} if live is not None else set[str]()
        come = (each for each in self._standing() if each.has_come(now))
        for each in sorted(come, key=lambda each: each.order, reverse=True):
            if each.version not in seen:
                seen.add(each.version)
                yield each.version

    def previous(self, now: datetime) -> str | None:
        """What a rollback without a named version goes back to: the version before the live one first was.

        So two rollbacks go back two versions, instead of to and fro.
        """
        live = self.live(now)
        if live is None:
            return None
        first = min(each.order for each in self.activations if each.version == live.version)
        before = [each for each in self._standing() if each.has_come(now) and each.order < first]
        return max(before, key=lambda each: each.order).version if before else None

    def stage(self, version: str, now: datetime) -> Stage:
        """How far a version has come at a time."""
        live = self.live(now)
        return Stage.LIVE if live is not None and live.version == version else self.versions[version].stage

    def _standing(self) -> Iterator[Activation]:
        return (each for each in self.activations if self.versions[each.version].retirement is None)


@dataclass(frozen=True, slots=True)
class RegistryState:
    """Everything that a log says; ``last_at`` is the time of its newest entry."""

    rulesets: Mapping[str, RulesetState] = field(default_factory=lambda: MappingProxyType({}))
    last_at: datetime | None = None

    def version(self, ruleset: str, digest: str) -> Version | None:
        """A version, if it is known."""
        found = self.rulesets.get(ruleset)
        return found.versions.get(digest) if found is not None else None

    def find(self, text: str, ruleset: str = "") -> list[Version]:
        """The versions whose hash begins with a text, or whose label it is."""
        return [
            version
            for state in self.rulesets.values()
            if ruleset in {"", state.id}
            for version in state.versions.values()
            if version.hash.startswith(text) or version.label == text
        ]
