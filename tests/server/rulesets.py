"""A policy desk for tests of its service: a registry, people with tokens, keys, and calls in their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status

from tests.registry.contents import GAP, content  # isort: skip

from rules_service.authoring.desk import Desk
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.address import Address
from rules_service.registry.roles import Roles, token_hash
from rules_service.registry.signing import SigningKey, TrustedKeys
from rules_service.registry.states import Version
from rules_service.registry.store import Store

TOKENS = {
    name: f"token-of-{name}"
    for name in ("editor", "approver", "operator", "reader", "roleless", "everything", "colleague")
}
ROLES = {
    "everything": ["editor", "approver", "operator"],
    "colleague": ["editor", "approver", "operator"],
    "roleless": [],
}


@dataclass
class Registry:
    """A registry on disk, with what a service needs to work on it."""

    folder: Path
    key: SigningKey

    @classmethod
    def make(cls, folder: Path) -> Registry:
        made = cls(folder, SigningKey.new())
        for name, pem, mode in (
            ("key.pem", made.key.private_pem(), 0o600),
            ("trusted.pem", made.key.public_pem(), 0o644),
        ):
            (folder / name).write_bytes(pem)
            (folder / name).chmod(mode)
        lines = [
            f"{name}: {{roles: [{', '.join(ROLES.get(name, [name]))}], token_sha256: {token_hash(token)}}}\n"
            for name, token in TOKENS.items()
        ]
        (folder / "roles.yaml").write_text("".join(lines), "utf-8")
        Store(made.address, create=True).close()
        return made

    @property
    def address(self) -> Address:
        return Address(str(self.folder / "registry.sqlite"))

    def settings(self) -> dict[str, Any]:
        return {
            "registry": str(self.folder / "registry.sqlite"),
            "roles": self.folder / "roles.yaml",
            "signing_key_file": self.folder / "key.pem",
            "trusted_keys": self.folder / "trusted.pem",
        }

    def act(self, step: str, *arguments: Any, **options: Any) -> Version:
        """A step of the desk itself, without the service."""
        with Store(self.address) as store:
            roles = Roles.read(self.folder / "roles.yaml")
            desk = Desk(store, roles, trusted=TrustedKeys.read(self.folder / "trusted.pem"))
            version: Version = getattr(desk, step)(*arguments, **options).version
            return version

    def drafted(self, label: str, gap: str = "25pp") -> Version:
        return self.act("draft", "editor", files(label, gap))

    def checked(self, label: str, gap: str = "25pp", *, ok: bool = True, share: str | None = None) -> Version:
        impact = None if share is None else {"newly_failing_share": share}
        return self.act("note_check", "editor", self.drafted(label, gap), {"ok": ok}, impact=impact)

    def approved(self, label: str, gap: str = "25pp", **check: Any) -> Version:
        return self.act("approve", "approver", self.checked(label, gap, **check))

    def published(self, label: str, gap: str = "25pp", **options: Any) -> Version:
        return self.act("publish", "operator", self.approved(label, gap), self.key, **options)


def files(label: str, gap: str = "25pp", *edits: tuple[str, str, str]) -> dict[str, bytes]:
    """The small ruleset in a version of its own; an edit is (path, old, new)."""
    return content(label, (GAP, "30pp", gap), *edits)


def sent(files: dict[str, bytes]) -> pb.RulesetContent:
    """Files as a request holds them."""
    made = [pb.RulesetFile(path=path, content=each) for path, each in files.items()]
    return pb.RulesetContent(files=pb.RulesetFiles(files=made))


def named(version: Version | str) -> pb.VersionRef:
    return pb.VersionRef(version=version if isinstance(version, str) else version.hash)


async def call(service: Any, method: str, request: Any, actor: str | None = None, **options: Any) -> Any:
    """Call a method in somebody's name."""
    token = TOKENS.get(actor, actor) if actor is not None else None
    metadata = [("authorization", f"Bearer {token}")] if token is not None else []
    return await getattr(service.rulesets, method)(request, metadata=metadata, **options)


@dataclass
class Refused:
    """A status with its details."""

    code: str
    reason: str
    message: str
    details: dict[str, list[Any]]

    def violations(self) -> list[tuple[str, str]]:
        return [
            (each.field, each.reason) for bad in self.details["BadRequest"] for each in bad.field_violations
        ]

    def texts(self) -> dict[str, str]:
        return {each.locale: each.message for each in self.details["LocalizedMessage"]}


async def refused(awaited: Any) -> Refused:
    """The status of a call that must fail."""
    with pytest.raises(aio.AioRpcError) as raised:
        await awaited
    status = rpc_status.from_call(raised.value)
    details: dict[str, list[Any]] = {}
    for name in ("ErrorInfo", "BadRequest", "LocalizedMessage", "RetryInfo"):
        kind = getattr(error_details_pb2, name)
        details[name] = []
        for detail in status.details:
            if detail.Is(kind.DESCRIPTOR):
                message = kind()
                detail.Unpack(message)
                details[name].append(message)
    [info] = details["ErrorInfo"]
    assert info.domain == "budget.rules.v1"
    return Refused(raised.value.code().name, info.reason, status.message, details)
