"""Publishing under load: two processes, one registry; each answer is wholly one version's, none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.registry.desk import Clock, Log, address_of  # isort: skip
from tests.registry.following import Publisher, variant  # isort: skip
from tests.server.following_process import Service, behind_schedule, serving  # isort: skip

from rules_service import api
from rules_service.compile.archive import pack
from rules_service.compile.bundle import load_bundle
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessResponse
from rules_service.registry.event import Kind
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

CALLERS = 8  # to each process
TIMEOUT = 60


def digest_of(label: str) -> str:
    """What the version answers by itself, without registry and service."""
    bundle = load_bundle(pack("tiny", label, variant(label)))
    with api.Rules.of(bundle) as rules:
        digest: str = rules.assess(behind_schedule()).digest
        return digest


class Hammer:
    """Calls as fast as they are answered, until so many were; counts the answers by their bytes."""

    def __init__(self, services: list[Service], total: int) -> None:
        self.seen: Counter[bytes] = Counter()
        self.answered = 0
        self._total = total
        self._sent = 0
        self._request = behind_schedule().SerializeToString()
        method = "/budget.rules.v1.MonitoringService/Assess"
        self._calls = [service.channel.unary_unary(method) for service in services for _ in range(CALLERS)]
        self._progress = asyncio.Condition()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for call in self._calls:
                group.create_task(self._caller(call))

    async def _caller(self, call: object) -> None:
        while self._sent < self._total:
            self._sent += 1
            self.seen[await call(self._request, timeout=TIMEOUT)] += 1  # type: ignore[operator]
            self.answered += 1
            if self.answered % 50 == 0:
                async with self._progress:
                    self._progress.notify_all()

    async def until(self, count: int) -> None:
        async with self._progress:
            await self._progress.wait_for(lambda: self.answered >= count)


def change(publisher: Publisher, number: int, chance: Random) -> str:
    """Publish a version, or go back to one of those published; the label of what is live then."""
    labels = list(publisher.hashes)
    now = labels[-1] if not publisher.log.events else _live(publisher)
    if number % 2 == 0:
        publisher.publish(str(number))
        return str(number)
    label = chance.choice([label for label in labels[-6:] if label != now])
    publisher.add(Kind.ROLLBACK, label)
    return label


def _live(publisher: Publisher) -> str:
    version = publisher.log.events[-1].version
    return next(label for label, digest in publisher.hashes.items() if digest == version)


@pytest.mark.parametrize(
    ("kind", "requests", "changes"),
    [
        ("sqlite", 1_500, 10),
        ("postgresql", 1_500, 10),
        pytest.param("sqlite", 100_000, 200, marks=pytest.mark.long),
    ],
)
async def test_every_answer_is_wholly_that_of_one_version(
    tmp_path: Path, kind: str, requests: int, changes: int
) -> None:
    key, chance = SigningKey.new(), Random(20261122)  # noqa: S311 - which versions, not secrets
    (tmp_path / "desk.pem").write_bytes(key.public_pem())
    with address_of(kind, tmp_path) as address, Store(address, create=True) as store:
        publisher = Publisher(store, Log(key=key, clock=Clock(datetime.now(UTC))))
        publisher.publish("0")
        publisher.publish("1")
        environment = {
            "registry": address._url.render_as_string(hide_password=False),
            "trusted_keys": tmp_path / "desk.pem",
            "max_concurrent_calls": 100,
        }
        async with (
            serving(tmp_path / "one", **environment, replica="甲") as one,
            serving(tmp_path / "other", **environment, replica="乙") as other,
        ):
            services = [one, other]
            for service in services:
                await service.until_live("1")
            hammer = Hammer(services, requests)
            running = asyncio.create_task(hammer.run())
            live = "1"
            for number in range(changes):
                await hammer.until(requests * number // changes)
                live = await asyncio.to_thread(change, publisher, number + 2, chance)
            await running
            for service in services:
                await service.until_live(live)
    assert hammer.answered == sum(hammer.seen.values()) == requests
    versions = {}
    for encoded in hammer.seen:
        answer = AssessResponse.FromString(encoded)
        label = answer.stamp.version
        assert answer.stamp.hash == publisher.hashes[label]
        assert answer.digest == digest_of(label)
        (line,) = {each.value for each in answer.findings[0].parameters if each.parameter_id == "gap_red"}
        assert line == f"{31 + int(label) % 50}pp"
        versions[label] = hammer.seen[encoded]
    assert len(versions) > changes // 10, "so many versions came to answer meanwhile"
