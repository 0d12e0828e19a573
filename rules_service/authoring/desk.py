"""The policy desk: from a folder of rules to a live version, each step by somebody, in the log.

Whoever can write the registry's database is trusted by the operating system, not by the desk: servers
believe signatures only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rules_service.authoring.content_check import Checked, check_content
from rules_service.compile.archive import content_hash, pack, unpack
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.nodes import Scalar
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE as READING
from rules_service.registry.event import MAX_BODY_BYTES, Event, Kind, canonical_body, time_text
from rules_service.registry.faults import ConflictError, RefusedError
from rules_service.registry.log import LogState, read_log
from rules_service.registry.machine import CONFIRMABLE, MAY, Guards, Step, refusal
from rules_service.registry.roles import Roles
from rules_service.registry.signing import SigningKey, TrustedKeys
from rules_service.registry.states import RegistryState, RulesetState, Stage, Version
from rules_service.registry.store import Store

__all__ = ["Desk", "Done", "head_of"]

_TRIES = 5
_MOST_NOTE = 2000
_MOST_ACTOR = 100
_HEAD = "ruleset.yaml"


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done: its entry in the log, the version, and how far that has come.

    ``event`` is ``None`` where there was nothing to do; ``checked`` is what a check found.
    """

    event: Event | None
    version: Version
    stage: Stage
    checked: Checked | None = None


class Desk:
    """All steps over one store.

    ``clock`` gives the time; with ``trusted`` keys, entries that others signed do not count here either.
    Every step may raise ``RefusedError``, ``ConflictError`` and the errors of the store.
    """

    def __init__(
        self,
        store: Store,
        roles: Roles,
        *,
        trusted: TrustedKeys | None = None,
        guards: Guards | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._roles = roles
        self._trusted = trusted
        self._guards = guards or Guards()
        self._clock = clock

    # Looking

    def now(self) -> datetime:
        """The time by which states are told: the clock's, but never before the newest entry."""
        last = self.state().last_at
        now = self._clock()
        return max(now, last) if last is not None else now

    def state(self, until: datetime | None = None) -> RegistryState:
        """What the log says, or said at an earlier time.  Raises ``StoreError`` for a broken log."""
        return read_log(self._store, self._trusted, until).state

    def find(self, text: str, ruleset: str = "") -> Version:
        """The version that a hash (or its beginning) or a label names.  Raises ``RefusedError``."""
        found = self.state().find(text, ruleset)
        if not found:
            raise RefusedError("VERSION-UNKNOWN", version=text[:64])
        if len(found) > 1:
            named = "、".join(f"{each.ruleset} {each.label} {each.hash[:12]}" for each in found)
            raise RefusedError("VERSION-AMBIGUOUS", version=text[:64], found=named)
        return found[0]

    def ruleset(self, name: str = "") -> RulesetState:
        """A ruleset by name, or the only one.  Raises ``RefusedError``."""
        rulesets = self.state().rulesets
        if name in rulesets:
            return rulesets[name]
        if name:
            raise RefusedError("RULESET-UNKNOWN", ruleset=name[:64], found="、".join(sorted(rulesets)) or "–")
        if len(rulesets) != 1:
            raise RefusedError("RULESET-AMBIGUOUS", found="、".join(sorted(rulesets)) or "–")
        return next(iter(rulesets.values()))

    def files(self, version: Version) -> dict[str, bytes]:
        """The files of a version."""
        return unpack(self._store.content(version.hash))[3]

    def archive(self, version: Version) -> bytes:
        """The bundle file of a version."""
        return self._store.content(version.hash)

    # Steps before publishing

    def draft(self, actor: str, files: Mapping[str, bytes], note: str = "") -> Done:
        """Put in a content; it may have faults, but must say in ruleset.yaml which ruleset it is.

        A content that is a draft of the same actor already is left as it is.
        """
        name, label = head_of(files)
        digest = content_hash(files)
        known = self.state().version(name, digest)
        stages = {Stage.DRAFT, Stage.CHECKED, Stage.APPROVED}
        if known is not None and actor in known.editors and known.stage in stages:
            return Done(None, known, known.stage)
        _require_texts(actor, note)
        self._refuse(Kind.DRAFT, actor, name, digest)
        self._store.put_content(digest, pack(name, label, files))
        return self._do(Kind.DRAFT, actor, name, digest, {"label": label, "note": note})

    def check(
        self,
        actor: str,
        version: Version,
        *,
        impact: Mapping[str, Any] | None = None,
        workers: int | None = None,
    ) -> Done:
        """Lint and test a version.

        ``impact``: what else the log shall say of its consequences; ``newly_failing_share`` in it is a text
        between 0 and 1, and guards the publishing.
        """
        self.require_checkable(actor, version)
        _impact(impact)  # told before the long work
        checked = check_content(self.files(version), workers=workers)
        return replace(self.note_check(actor, version, checked.body(), impact=impact), checked=checked)

    def require_checkable(self, actor: str, version: Version) -> None:
        """Refuse a check whose result could not be noted, before it takes its time."""
        self._refuse(Kind.CHECK, actor, version.ruleset, version.hash)

    def note_check(
        self,
        actor: str,
        version: Version,
        body: Mapping[str, Any],
        *,
        impact: Mapping[str, Any] | None = None,
    ) -> Done:
        """Note what a check has found that was made elsewhere; ``body`` is that of ``Checked``."""
        content = {**body, **_impact(impact)}
        return self._do(Kind.CHECK, actor, version.ruleset, version.hash, content)

    def approve(self, actor: str, version: Version, note: str = "") -> Done:
        """Approve a checked version that somebody else edited."""
        return self._do(Kind.APPROVE, actor, version.ruleset, version.hash, {"note": note})

    def reject(self, actor: str, version: Version, note: str = "") -> Done:
        """Send a version back."""
        return self._do(Kind.REJECT, actor, version.ruleset, version.hash, {"note": note})

    # Steps that change what answers; they are signed

    def publish(
        self,
        actor: str,
        version: Version,
        key: SigningKey | None,
        *,
        live_from: datetime | None = None,
        note: str = "",
        confirmed: Mapping[str, str] | None = None,
    ) -> Done:
        """Sign a version and let it be live from a moment, or at once."""
        signature = key.sign_bundle(version.hash).line() if key is not None else ""
        body = {"note": note, "bundle_signature": signature}
        return self._order(Kind.PUBLISH, actor, version, key, body, live_from=live_from, confirmed=confirmed)

    def activate(
        self,
        actor: str,
        version: Version,
        key: SigningKey | None,
        *,
        live_from: datetime | None = None,
        note: str = "",
        confirmed: Mapping[str, str] | None = None,
    ) -> Done:
        """Let a published version be live at once, or from another moment than was said."""
        return self._order(
            Kind.ACTIVATE, actor, version, key, {"note": note}, live_from=live_from, confirmed=confirmed
        )

    def rollback(
        self,
        actor: str,
        ruleset: RulesetState,
        key: SigningKey | None,
        *,
        to: Version | None = None,
        note: str = "",
        confirmed: Mapping[str, str] | None = None,
    ) -> Done:
        """Go back at once to a version, or to the one before the live one."""
        version = to
        if version is None:
            previous = ruleset.previous(self.now())
            if previous is None:
                raise RefusedError("NO-PREVIOUS", ruleset=ruleset.id)
            version = ruleset.versions[previous]
        return self._order(Kind.ROLLBACK, actor, version, key, {"note": note}, confirmed=confirmed)

    def retire(
        self,
        actor: str,
        version: Version,
        key: SigningKey | None,
        *,
        note: str = "",
        confirmed: Mapping[str, str] | None = None,
    ) -> Done:
        """Let a version never be live again; whoever pins it still gets its answers."""
        return self._order(Kind.RETIRE, actor, version, key, {"note": note}, confirmed=confirmed)

    def _order(
        self,
        kind: Kind,
        actor: str,
        version: Version,
        key: SigningKey | None,
        body: dict[str, Any],
        *,
        live_from: datetime | None = None,
        confirmed: Mapping[str, str] | None,
    ) -> Done:
        if live_from is not None:
            body["live_from"] = time_text(live_from)
        if confirmed:
            body["confirmed"] = dict(confirmed)
        return self._do(kind, actor, version.ruleset, version.hash, body, key=key, live_from=live_from)

    # How a step is done

    def _refuse(self, kind: Kind, actor: str, ruleset: str, digest: str) -> None:
        """Refuse early what would be refused after long work, or leave a content behind."""
        step = Step(kind, ruleset, digest, actor, self._roles.of(actor), self._clock())
        found = refusal(self.state(), step, self._guards)
        if found is not None:
            raise RefusedError(found)

    def _do(
        self,
        kind: Kind,
        actor: str,
        ruleset: str,
        digest: str,
        body: dict[str, Any],
        *,
        key: SigningKey | None = None,
        live_from: datetime | None = None,
    ) -> Done:
        """Judge, write, and judge anew when somebody wrote meanwhile what does not touch this step."""
        confirmed = body.get("confirmed", {})
        _require_texts(actor, body.get("note", ""), *confirmed.values())
        step = Step(
            kind,
            ruleset,
            digest,
            actor,
            self._roles.of(actor),
            self._clock(),
            live_from=live_from,
            signed=key is not None,
            confirmed=CONFIRMABLE & confirmed.keys(),
        )
        content = {name: item for name, item in body.items() if item != ""}
        event = self._append(step, content, key, _TRIES)
        state = self.state().rulesets[ruleset]
        return Done(event, state.versions[digest], state.stage(digest, max(self._clock(), event.at)))

    def _append(self, step: Step, body: Mapping[str, Any], key: SigningKey | None, tries: int) -> Event:
        log = read_log(self._store, self._trusted)
        found = refusal(log.state, step, self._guards)
        if found is not None:
            raise RefusedError(found)
        event = _entry(log, step, body)
        if key is not None:
            event = key.sign_event(event)
        try:
            self._store.append(event)
        except ConflictError as conflict:
            if tries == 1 or any(_touches(other, step) for other in conflict.meanwhile):
                raise
            return self._append(step, body, key, tries - 1)
        return event


def _entry(log: LogState, step: Step, body: Mapping[str, Any]) -> Event:
    """The entry of a step; the times of the log never go back, not even by a lagging clock."""
    last = log.state.last_at
    return Event.after(
        log.head,
        at=max(step.at, last) if last is not None else step.at,
        actor=step.actor,
        role=min(step.roles & MAY[step.kind]).value,
        kind=step.kind,
        ruleset=step.ruleset,
        version=step.version,
        body=body,
    )


def _touches(other: Event, step: Step) -> bool:
    """Whether what somebody did meanwhile could make a step mean something else."""
    if other.ruleset != step.ruleset:
        return False
    decides = step.kind in {Kind.PUBLISH, Kind.ACTIVATE, Kind.ROLLBACK, Kind.RETIRE}
    return decides or other.version == step.version


def head_of(files: Mapping[str, bytes]) -> tuple[str, str]:
    """Id and version in the head of a ruleset.  Raises ``RefusedError``."""
    found = Diagnostics(READING)
    node = read_yaml(_HEAD, files.get(_HEAD, b""), found)
    head = node if isinstance(node, dict) else {}
    named = [head.get("id"), head.get("version")]
    texts = [item.text.strip() for item in named if isinstance(item, Scalar)]
    if len(texts) != len(named) or not all(texts):
        raise RefusedError("DRAFT-UNNAMED", _HEAD)
    _require_texts(*texts)
    return texts[0], texts[1]


def _impact(impact: Mapping[str, Any] | None) -> dict[str, Any]:
    if impact is None:
        return {}
    share = impact.get("newly_failing_share")
    try:
        number = Decimal(share) if isinstance(share, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 <= number <= 1:
        raise RefusedError("IMPACT-SHARE", value=str(share)[:40])
    body = {"impact": dict(impact), "newly_failing_share": share}
    try:
        size = len(canonical_body(body).encode())
    except ValueError as error:
        raise RefusedError("IMPACT-BODY", why=error) from None
    if size > MAX_BODY_BYTES // 2:  # the other half is for what the check found
        raise RefusedError("IMPACT-BODY", why=f"{size} > {MAX_BODY_BYTES // 2}")
    return body


def _require_texts(actor: str, *texts: str) -> None:
    """Names and notes are short and hold no control characters, which would spoil every listing."""
    for text, most in [(actor, _MOST_ACTOR), *((text, _MOST_NOTE) for text in texts)]:
        if len(text) > most or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
            raise RefusedError("TEXT-UNFIT", text=text[:20].encode("unicode_escape").decode(), most=most)
