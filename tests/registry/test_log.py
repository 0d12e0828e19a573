"""The log: whoever edits, deletes, reorders, forges or exchanges an entry is found out, at the first one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import text

from tests.registry.desk import A, B, Log  # isort: skip

from rules_service.registry.event import Event, Kind
from rules_service.registry.log import check_log
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Replica, Store

from tests.registry.keys import trusting  # isort: skip

ALTERED = Path(__file__).parents[1] / "testdata" / "registry" / "altered_logs.yaml"


@pytest.fixture
def log(store: Store) -> Log:
    """Two published versions, eight entries."""
    made = Log()
    made.published(A)
    made.published(B)
    for event in made.events:
        store.append(event)
    return made


def execute(store: Store, *statements: str) -> None:
    with store._engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_whole_log(store: Store, log: Log) -> None:
    report = check_log(store, trusting(log.key))
    assert report.head == log.head
    assert report.broken is None
    assert report.doubtful == ()


CASES = YAML(typ="safe", pure=True).load(ALTERED.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_first_broken_entry_is_named(store: Store, log: Log, case: dict[str, Any]) -> None:
    execute(store, *case["do"])
    report = check_log(store, trusting(log.key))
    assert report.broken is not None
    assert report.broken.code == case["says"]["code"]
    assert report.broken.file == f"#{case['says']['entry']}"
    assert report.head.seq < case["says"]["entry"]


def test_a_cut_end_is_seen_by_what_replicas_have_seen(store: Store, log: Log) -> None:
    store.beat(Replica("甲", log.clock.now, 8, {}, ()))
    assert check_log(store, None).broken is None
    execute(store, "DELETE FROM events WHERE seq = 8")
    report = check_log(store, None)
    assert report.broken is not None
    assert report.broken.code == "LOG-SHORT"


def other_key(event: Event) -> Event:
    return SigningKey.new().sign_event(event)


def other_entry(event: Event) -> Event:
    return replace(event, signature=OTHER.signature, key_id=event.key_id)


KEY = SigningKey.new()
OTHER = Log(key=KEY).published(B)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda event: replace(event, key_id="", signature=""), "EVENT-UNSIGNED"),
        (other_key, "EVENT-KEY-UNKNOWN"),
        (other_entry, "EVENT-SIGNATURE"),
        (lambda event: replace(event, signature="no base64"), "EVENT-SIGNATURE"),
        (lambda event: replace(event, signature=KEY.sign_bundle(event.hash).value), "EVENT-SIGNATURE"),
    ],
    ids=["none", "unknown key", "another entry", "garbage", "bundle statement"],
)
def test_an_entry_without_a_trusted_signature_does_not_count(
    store: Store, forge: Callable[[Event], Event], code: str
) -> None:
    log = Log(key=KEY)
    log.approved(A)
    for event in log.events:
        store.append(event)
    store.append(forge(log.add(Kind.PUBLISH, A, "运")))
    report = check_log(store, trusting(KEY))
    assert report.broken is None, "the chain does not cover signatures: they prove themselves"
    assert [doubt.code for doubt in report.doubtful] == [code]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ed25519",
        SigningKey.new().sign_bundle(A).line(),
        KEY.sign_bundle(B).line(),
        f"ed25519 {KEY.id} {OTHER.signature}\n",
    ],
    ids=["empty", "cut", "unknown key", "another bundle", "entry statement"],
)
def test_a_publish_entry_without_a_signature_of_its_bundle_does_not_count(store: Store, line: Any) -> None:
    log = Log(key=KEY)
    log.published(A, bundle_signature=line)
    for event in log.events:
        store.append(event)
    assert [doubt.code for doubt in check_log(store, trusting(KEY)).doubtful] == ["EVENT-BUNDLE-SIGNATURE"]


def test_a_signed_entry_that_goes_around_the_procedure_does_not_count(store: Store) -> None:
    """Not even the key of an operator replaces an approval."""
    log = Log(key=KEY)
    log.add(Kind.DRAFT, A, "编", label="1")
    log.add(Kind.PUBLISH, A, "运")
    for event in log.events:
        store.append(event)
    (doubt,) = check_log(store, trusting(KEY)).doubtful
    assert doubt.code == "EVENT-IGNORED"
    assert "UNCHECKED" in doubt.en
