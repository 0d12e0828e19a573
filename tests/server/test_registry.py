"""The service over a registry: versions come, a tampered one changes nothing, and it starts without it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.registry.desk import Clock, Log, address_of  # isort: skip
from tests.registry.following import Publisher  # isort: skip
from tests.server.following_process import serving  # isort: skip

from rules_service.registry.event import Kind
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_versions_come_bad_ones_do_not_and_the_last_good_one_stays(tmp_path: Path, kind: str) -> None:
    key = SigningKey.new()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "desk.pem").write_bytes(key.public_pem())
    environment = {"trusted_keys": tmp_path / "keys", "state": tmp_path / "state", "replica": "甲机-1"}
    log = Log(key=key, clock=Clock(datetime.now(UTC)))
    with address_of(kind, tmp_path) as address, Store(address, create=True) as store:
        publisher = Publisher(store, log)
        url = address._url.render_as_string(hide_password=False)
        async with serving(registry=url, **environment) as service:
            publisher.publish("1")
            assert (await service.line("bundle_live"))["version"] == "1"
            await service.line("serving")
            assert await service.answer() == "1"
            assert await service.metric("rules_registry_up") == 1

            publisher.publish("2")
            assert (await service.line("bundle_live"))["version"] == "2"
            assert await service.answer() == "2"
            publisher.add(Kind.ROLLBACK, "1")
            assert (await service.line("bundle_live"))["version"] == "1"

            digest = publisher.put("3")
            with store._engine.begin() as connection:
                altered = store.content(publisher.hashes["2"])
                values = {"altered": altered, "digest": digest}
                connection.execute(
                    text("UPDATE contents SET archive = :altered WHERE hash = :digest"), values
                )
            count = len(log.events)
            log.published(digest, label="3")
            publisher.send(count)
            refused = await service.line("bundle_refused")
            assert refused["diagnostics"] == [f"{digest}:1 CONTENT-ALTERED"]
            assert await service.metric('rules_registry_refusals_total{code="CONTENT-ALTERED"}') == 1
            assert await service.answer() == "1"

            publisher.add(Kind.ACTIVATE, "2", key=SigningKey.new())
            assert (await service.line("registry_refused"))["code"] == "EVENT-KEY-UNKNOWN"
            assert await service.answer() == "1"
            (replica,) = store.replicas()
            assert replica.live["tiny"][0] == publisher.hashes["1"]
        assert store.replicas() == []
        away = tmp_path / "nowhere.sqlite"
        async with serving(registry=away, **environment) as service:
            assert (await service.line("registry_away"))["age"] >= 0
            await service.line("serving")
            assert await service.answer() == "1"
            assert await service.metric("rules_registry_up") == 0
            assert await service.metric("rules_registry_age_seconds") > 0
