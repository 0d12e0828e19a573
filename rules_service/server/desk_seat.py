"""A caller's seat at the policy desk: the desk, who sits there, and what their request names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from rules_service.authoring.desk import Desk
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.event import Body, Kind
from rules_service.registry.log import entries
from rules_service.registry.signing import SigningKey, TrustedKeys
from rules_service.registry.states import RulesetState, Version
from rules_service.registry.store import Store
from rules_service.server.desk_messages import version_message
from rules_service.server.desk_refusals import invalid
from rules_service.server.identity import Actor
from rules_service.server.refusals import FieldError
from rules_service.server.words import Language, text
from rules_service.values.moments import parse_moment

__all__ = ["Seat"]


@dataclass(frozen=True)
class Seat:
    """Lives for one call, in one thread; its methods raise ``RegistryError`` and ``Refusal``.

    ``key`` reads the key that signs; ``None`` if there is none.
    """

    desk: Desk
    store: Store
    trusted: TrustedKeys | None
    actor: Actor
    language: Language
    key: Callable[[], SigningKey | None]

    def find(self, named: pb.VersionRef, field: str = "version") -> Version:
        """The version that a request names."""
        if not named.version:
            raise self.fault(f"{field}.version", "VERSION_MISSING")
        return self.desk.find(named.version, named.ruleset)

    def moment(self, field: str, written: str) -> datetime | None:
        """The moment that a field holds; ``None`` for an empty one."""
        if not written:
            return None
        try:
            return parse_moment(written)
        except ValueError:
            raise self.fault(field, "MOMENT_SYNTAX", text=written[:40]) from None

    def fault(self, field: str, code: str, **values: object) -> Exception:
        """A refusal for one faulty field."""
        return invalid([FieldError(field, code, text(code, self.language, **values))], self.language)

    def told(self, version: Version, state: RulesetState) -> pb.RulesetVersion:
        """A version as a message."""
        checked = None
        if version.check is not None:
            checked = self._checks.get(version.check.deed.seq)
        return version_message(version, state.stage(version.hash, self.desk.now()), checked)

    @cached_property
    def _checks(self) -> Mapping[int, Body]:
        """What the log says of checks, by the number of the entry."""
        return {event.seq: event.body for event in entries(self.store) if event.kind is Kind.CHECK}
