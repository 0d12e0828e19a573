"""`python -m bench.publishing`: from a step at the desk to the answers of two service processes, in seconds.

Two services follow one registry (SQLite, or the address in ``RULES_BENCH_REGISTRY``) with the project's own
rulesets. Measured is the time from the end of the step until both processes have answered with the version:
``publish`` of a version that nobody has compiled yet, and ``activate`` and ``rollback`` among prepared ones.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import grpc

from bench.children import PROJECT
from rules_service.authoring.desk import Desk, Done
from rules_service.compile.sources import collect_files
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2_grpc
from rules_service.registry.address import Address
from rules_service.registry.event import Event, Kind
from rules_service.registry.machine import Role
from rules_service.registry.roles import Roles
from rules_service.registry.signing import SigningKey
from rules_service.registry.states import Version
from rules_service.registry.store import Store
from rules_service.server.places import default_rulesets

__all__ = ["main"]

_ROUNDS: Final = 20
_LONGEST_S: Final = 120.0
_WHO: Final = "bench"


class _Service:
    """A service process and how to ask it."""

    def __init__(self, port: int) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._review = review_service_pb2_grpc.ReviewServiceStub(self._channel).Review
        self._request = review_pb.ReviewRequest()
        self._request.project.region_code, self._request.project.fiscal_year = "全国", 2026

    def wait_for(self, digest: str) -> float:
        """The time at which it answered with a version."""
        until = time.perf_counter() + _LONGEST_S
        while time.perf_counter() < until:
            with contextlib.suppress(grpc.RpcError):
                if self._review(self._request, timeout=_LONGEST_S).stamp.hash == digest:
                    return time.perf_counter()
            time.sleep(0.002)
        raise TimeoutError(f"no answer by {digest}")

    def close(self) -> None:
        self._channel.close()


@contextlib.contextmanager
def _service(folder: Path, name: str, address: str, keys: Path) -> Iterator[_Service]:
    port_file = folder / f"{name}.port"
    settings = {
        "REGISTRY": address,
        "TRUSTED_KEYS": str(keys),
        "STATE": str(folder / name),
        "PORT": "0",
        "PORT_FILE": str(port_file),
        "LOG_LEVEL": "error",
    }
    environment = os.environ | {f"RULES_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-m", "rules_service.cli", "serve"]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not port_file.exists():
                time.sleep(0.01)
            service = _Service(int(port_file.read_text()))
            yield service
            service.close()
        finally:
            process.terminate()


def _version(desk: Desk, store: Store, files: dict[str, bytes], number: int) -> Version:
    """An approved version; the rule tests of the check are left out, for they are not what is measured."""
    head = files["ruleset.yaml"] + f"# {number}\n".encode()
    version = desk.draft(_WHO, files | {"ruleset.yaml": head}).version
    for kind, actor, body in ((Kind.CHECK, _WHO, {"ok": True}), (Kind.APPROVE, "second", {})):
        event = Event.after(
            store.head(),
            at=datetime.now(UTC),
            actor=actor,
            role=Role.APPROVER.value,
            kind=kind,
            ruleset=version.ruleset,
            version=version.hash,
            body=body,
        )
        store.append(event)
    return version


def _measured(step: Callable[[], Done], services: list[_Service]) -> float:
    digest = step().version.hash
    done = time.perf_counter()
    return max(service.wait_for(digest) for service in services) - done


def _told(name: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return (
        f"{name:34} n={len(ordered):<3} median {statistics.median(ordered):6.3f} s"
        f"   longest {ordered[-1]:6.3f} s"
    )


def main() -> None:
    """Measure, and print the table."""
    rulesets = default_rulesets()
    if rulesets is None:
        raise RuntimeError("there is no folder of rulesets")
    files, _ = collect_files(rulesets)
    key = SigningKey.new()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        keys = folder / "desk.pem"
        keys.write_bytes(key.public_pem())
        text = os.environ.get("RULES_BENCH_REGISTRY", str(folder / "registry.sqlite"))
        store = stack.enter_context(Store(Address(text), create=True))
        desk = Desk(store, Roles({_WHO: frozenset(Role)}))
        versions = [_version(desk, store, files, number) for number in range(4)]
        desk.publish(_WHO, versions[0], key)
        services = [stack.enter_context(_service(folder, each, text, keys)) for each in ("one", "other")]
        for service in services:
            service.wait_for(versions[0].hash)
        fresh = [
            _measured(lambda version=version: desk.publish(_WHO, version, key), services)  # type: ignore[misc]
            for version in versions[1:]
        ]
        activated: list[float] = []
        rolled_back: list[float] = []
        for _ in range(_ROUNDS):
            rolled_back.append(
                _measured(lambda: desk.rollback(_WHO, desk.ruleset(), key, to=versions[2]), services)
            )
            activated.append(_measured(lambda: desk.activate(_WHO, versions[3], key), services))
        sys.stdout.write(_told("publish at once, compiled first", fresh) + "\n")
        sys.stdout.write(_told("activate a prepared version", activated) + "\n")
        sys.stdout.write(_told("roll back to a prepared version", rolled_back) + "\n")


if __name__ == "__main__":
    main()
