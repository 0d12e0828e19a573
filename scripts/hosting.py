"""What the checks from the host's side share: the service, the command line's answer, comparing.

Imported by `contract.py` and `java_host.py`, which stand beside it and are run as files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar
from unittest.mock import patch

from google.protobuf import json_format

from rules_service.authoring.desk import Desk
from rules_service.cli.child import served
from rules_service.cli.exits import Exit, Problem
from rules_service.compile.sources import collect_files
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRecord
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRecord
from rules_service.registry.address import Address
from rules_service.registry.machine import Role
from rules_service.registry.roles import Roles, new_token, token_hash
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

ROOT = Path(__file__).resolve().parent.parent
HOST = ROOT / "deploy" / "java-host"
FAULTY_FIELDS = ["project.duration_start", "project.goals[0].indicators[0].weight"]
"""What is wrong in `faulty.json`."""

Record = TypeVar("Record", ReviewRecord, AssessRecord)

_VERBS = {"ReviewRecord": "review", "AssessRecord": "assess"}
_ANSWERED = (Exit.OK, Exit.FAILING, Exit.MANUAL)
_COMMAND_S = 120


class CheckError(Exception):
    """A check that did not hold, in words."""


class Service(NamedTuple):
    """A running service and the bundle that it answers from."""

    address: str
    bundles: Path

    def command_line(self, kind: type[Record], files: Sequence[Path]) -> list[Record]:
        """Return what the command line answers to the request in each file, from the same bundle."""
        verb = _VERBS[kind.DESCRIPTOR.name]
        done = _command(verb, "--bundles", str(self.bundles), "--format", "json", *map(str, files))
        if done.returncode not in _ANSWERED:
            raise CheckError(f"{verb} ended with {done.returncode}: {done.stdout}{done.stderr}")
        # One record is indented over many lines, several come one a line.
        texts = [done.stdout] if len(files) == 1 else done.stdout.splitlines()
        return [json_format.Parse(text, kind()) for text in texts]


@contextmanager
def service() -> Iterator[Service]:
    """Build the project's rules, start a service over them, give it once it is healthy, end it."""
    with tempfile.TemporaryDirectory() as folder:
        bundles = Path(folder)
        built = _command(
            "rules", "build", "--rulesets", str(ROOT / "rulesets"), "--out", f"{folder}/rules.bundle"
        )
        if built.returncode != Exit.OK:
            raise CheckError(f"rules build ended with {built.returncode}: {built.stdout}{built.stderr}")
        try:
            with served(["--bundles", folder]) as running:
                yield Service(f"127.0.0.1:{running.port}", bundles)
        except Problem as problem:
            raise CheckError(f"the service did not become healthy: {problem.values}") from None


@contextmanager
def registry_service() -> Iterator[tuple[str, str]]:
    """Start a service over a registry with one published version; give its address and a reader's token."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, key, token = Path(name), SigningKey.new(), new_token()
        files, _ = collect_files(ROOT / "rulesets")
        roles = Roles(
            {
                "编": frozenset({Role.EDITOR}),
                "审": frozenset({Role.APPROVER}),
                "运": frozenset({Role.OPERATOR}),
            }
        )
        with Store(Address(str(folder / "registry.sqlite")), create=True) as store:
            desk = Desk(store, roles)
            version = desk.draft("编", files).version
            desk.note_check("编", version, {"ok": True})
            desk.approve("审", version)
            desk.publish("运", version, key)
        (folder / "roles.yaml").write_text(
            f"读: {{roles: [reader], token_sha256: {token_hash(token)}}}\n", "utf-8"
        )
        environment = {"RULES_ROLES": str(folder / "roles.yaml")}
        stack.enter_context(patch.dict(os.environ, environment))
        try:
            with served(["--registry", str(folder / "registry.sqlite")]) as running:
                yield f"127.0.0.1:{running.port}", token
        except Problem as problem:
            raise CheckError(f"the service did not become healthy: {problem.values}") from None


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rules_service.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=_COMMAND_S
    )


def expect(what: str, seen: object, wanted: object) -> None:
    """Compare; a difference ends the check."""
    if seen != wanted:
        raise CheckError(f"{what}: {seen!r}, expected {wanted!r}")
