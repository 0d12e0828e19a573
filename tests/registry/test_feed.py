"""The feed: what is published answers at its moment; what must not, never does; the last good one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from sqlalchemy import text

from tests.registry.contents import GAP, content  # isort: skip
from tests.registry.desk import A  # isort: skip
from tests.registry.following import DAY, Follower, Heard, Publisher, nowhere  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service import api
from rules_service.compile.archive import content_hash, pack
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.registry.address import Address
from rules_service.registry.event import Kind
from rules_service.registry.faults import ConflictError
from rules_service.registry.feed import Feed
from rules_service.registry.feed_reports import FeedSettings
from rules_service.registry.last_good import LastGood
from rules_service.registry.signing import SigningKey
from rules_service.registry.store import Store

Follow = Callable[..., Follower]


@pytest.fixture
def publisher(store: Store) -> Publisher:
    return Publisher(store)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Publisher]:
    """For what does not differ between the databases."""
    with Store(Address(str(tmp_path / "registry.sqlite")), create=True) as store:
        yield Publisher(store)


@pytest.fixture
def follow() -> Iterator[Follow]:
    """``follow(publisher, state, …)``; closed at the end."""
    made: list[Follower] = []

    def following(*arguments: Any, **settings: Any) -> Follower:
        made.append(Follower(*arguments, **settings))
        return made[-1]

    yield following
    for each in made:
        each.feed.close()
        assert each.heard.errors == []


def execute(publisher: Publisher, statement: str, **values: object) -> None:
    with publisher.store._engine.begin() as connection:
        connection.execute(text(statement), values)


def test_a_version_is_ready_before_its_date_and_takes_over_by_a_look(
    publisher: Publisher, follow: Follow
) -> None:
    """Compiled and warmed at publishing; at its moment nothing is left to do but to swap."""
    publisher.publish("1")
    follower = follow(publisher)
    follower.turn(publisher.clock)
    assert follower.live == "1"
    second = publisher.publish("2", live_from=publisher.clock.now + 40 * DAY)
    follower.turn(publisher.clock)
    assert follower.live == "1"
    assert follower.prepared == ["1", "2"]
    snapshot = follower.feed.current()
    publisher.clock.pass_by(days=40)
    follower.clock.now = publisher.clock.now
    follower.feed.look()
    assert follower.live == "2"
    assert [bundle.version for bundle in snapshot.live] == ["1"], "who holds a snapshot keeps it"
    assert [reload.bundle.hash for reload in follower.heard.reloads if reload.bundle][-1] == second
    publisher.add(Kind.ROLLBACK, "1")
    follower.feed.look()
    assert follower.live == "1"
    publisher.add(Kind.ACTIVATE, "2")
    follower.feed.look()
    assert follower.live == "2"
    assert follower.prepared == ["1", "2"]
    assert follower.heard.codes == []


def test_replicas_tell_what_they_serve(publisher: Publisher, follow: Follow) -> None:
    digest = publisher.publish("1")
    first = follow(publisher, name="甲机-1")
    first.turn(publisher.clock)
    (replica,) = publisher.store.replicas()
    assert (replica.name, replica.head_seq, replica.ready) == ("甲机-1", 4, (digest,))
    assert replica.live == {"tiny": (digest, publisher.log.events[-1].at)}
    first.turn()
    assert publisher.store.replicas() == [replica], "nothing is written while nothing changes"
    first.clock.pass_by(seconds=6)
    first.turn()
    assert publisher.store.replicas()[0].seen_at == first.clock.now
    first.feed.close()
    assert publisher.store.replicas() == []


def test_a_clock_set_back_brings_no_old_version_back(
    sqlite: Publisher, follow: Follow, tmp_path: Path
) -> None:
    """Neither in a running service nor in one that starts again with its state directory."""
    sqlite.publish("1")
    sqlite.publish("2", live_from=sqlite.clock.now + DAY)
    follower = follow(sqlite, tmp_path / "state")
    sqlite.clock.pass_by(days=2)
    follower.turn(sqlite.clock)
    assert follower.live == "2"
    follower.clock.pass_by(days=-30)
    follower.turn()
    assert follower.live == "2"
    follower.feed.close()
    again = follow(sqlite, tmp_path / "state")
    again.clock.now = follower.clock.now
    again.turn()
    assert again.live == "2"


def other_content(publisher: Publisher) -> None:
    archive = pack("tiny", "2", content("2", (GAP, "30pp", "99pp")))
    execute(publisher, "UPDATE contents SET archive = :a WHERE hash = :h", a=archive, h=publisher.hashes["2"])


def flipped(publisher: Publisher) -> None:
    archive = bytearray(publisher.store.content(publisher.hashes["2"]))
    archive[len(archive) // 2] ^= 1
    values = {"a": bytes(archive), "h": publisher.hashes["2"]}
    execute(publisher, "UPDATE contents SET archive = :a WHERE hash = :h", **values)


def gone(publisher: Publisher) -> None:
    execute(publisher, "DELETE FROM contents WHERE hash = :h", h=publisher.hashes["2"])


@pytest.mark.parametrize("tamper", [other_content, flipped, gone])
def test_a_tampered_content_never_answers(
    publisher: Publisher, follow: Follow, tamper: Callable[[Publisher], None]
) -> None:
    """The old version goes on, the fault is told once, and the restored content takes over by itself."""
    publisher.publish("1")
    follower = follow(publisher)
    follower.turn(publisher.clock)
    digest = publisher.put("2")
    archive = publisher.store.content(digest)
    publisher.publish("2")
    tamper(publisher)
    for _ in range(3):
        follower.clock.pass_by(seconds=10)
        follower.turn()
        assert follower.live == "1"
    code = "CONTENT-MISSING" if tamper is gone else "CONTENT-ALTERED"
    assert follower.heard.codes == [code]
    execute(publisher, "DELETE FROM contents WHERE hash = :h", h=digest)
    publisher.store.put_content(digest, archive)
    follower.clock.pass_by(seconds=10)
    follower.turn()
    assert follower.live == "2"


def test_the_newest_version_that_can_be_had_answers(
    sqlite: Publisher, follow: Follow, tmp_path: Path
) -> None:
    """A rollback and a damaged version that are seen in one look: the rollback holds, on disk too."""
    sqlite.publish("1")
    sqlite.publish("2")
    follower = follow(sqlite, tmp_path / "state")
    follower.turn(sqlite.clock)
    sqlite.add(Kind.ROLLBACK, "1")
    sqlite.publish("3")
    execute(sqlite, "DELETE FROM contents WHERE hash = :h", h=sqlite.hashes["3"])
    follower.turn(sqlite.clock)
    assert follower.live == "1"
    assert follower.heard.codes == ["CONTENT-MISSING"]
    follower.feed.close()
    away = follow(sqlite, tmp_path / "state", address=nowhere(tmp_path))
    away.turn(sqlite.clock)
    assert away.live == "1"


def test_at_first_only_what_is_due_answers(sqlite: Publisher, follow: Follow) -> None:
    """A service that never answered does not begin with an older version."""
    sqlite.publish("1")
    sqlite.publish("2")
    execute(sqlite, "DELETE FROM contents WHERE hash = :h", h=sqlite.hashes["2"])
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    assert follower.live == ""


def test_a_content_of_another_ruleset_never_answers(sqlite: Publisher, follow: Follow) -> None:
    sqlite.publish("1")
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    digest = sqlite.put("2", name="twin")
    count = len(sqlite.log.events)
    sqlite.log.published(digest, ruleset="tiny", label="2")
    sqlite.send(count)
    follower.turn(sqlite.clock)
    assert follower.live == "1"
    assert follower.heard.codes == ["CONTENT-OTHER"]


def test_rules_with_faults_never_answer(sqlite: Publisher, follow: Follow) -> None:
    """Whatever a check said of them."""
    sqlite.publish("1")
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    files = content("2", ("national/checks/gates.yaml", "family: gates", "family: gate"))
    archive = pack("tiny", "2", files)
    sqlite.store.put_content(content_hash(files), archive)
    count = len(sqlite.log.events)
    sqlite.log.published(content_hash(files), label="2")
    sqlite.send(count)
    follower.turn(sqlite.clock)
    assert follower.live == "1"
    assert set(follower.heard.codes) == {"CHECK-FAMILY"}


@pytest.mark.parametrize("kind", [Kind.ACTIVATE, Kind.ROLLBACK])
def test_entries_of_strangers_do_not_count(sqlite: Publisher, follow: Follow, kind: Kind) -> None:
    """They are told, skipped, and what trusted people do afterwards counts."""
    sqlite.publish("1")
    sqlite.publish("2")
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    sqlite.add(kind, "1", key=SigningKey.new())
    follower.turn(sqlite.clock)
    assert follower.live == "2"
    assert follower.heard.codes == ["EVENT-KEY-UNKNOWN"]
    sqlite.add(kind, "1")
    follower.turn(sqlite.clock)
    assert follower.live == "1"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE events SET actor = '李四' WHERE seq = 9", "LOG-BROKEN"),
        ("UPDATE events SET body = '{' WHERE seq = 9", "LOG-UNREADABLE"),
        ("DELETE FROM events WHERE seq = 9", "LOG-REWRITTEN"),
        ("DELETE FROM events WHERE seq > 5", "LOG-REWRITTEN"),
    ],
)
def test_a_log_that_was_altered_changes_nothing(
    sqlite: Publisher, follow: Follow, statement: str, code: str
) -> None:
    sqlite.publish("1")
    sqlite.publish("2")
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    sqlite.add(Kind.ROLLBACK, "1")
    if code == "LOG-REWRITTEN":
        follower.turn(sqlite.clock)
    execute(sqlite, statement)
    before = follower.live
    for _ in range(2):
        follower.turn()
        assert follower.live == before
    assert follower.heard.codes == [code]
    assert follower.heard.registry[1] is not None


def test_a_service_starts_from_its_last_good_state(
    publisher: Publisher, follow: Follow, tmp_path: Path
) -> None:
    """While the registry is away it answers as before, says how old that is, and catches up later."""
    publisher.publish("1")
    publisher.publish("2")
    first = follow(publisher, tmp_path / "state")
    first.turn(publisher.clock)
    first.feed.close()
    heard = first.clock.now
    follower = follow(publisher, tmp_path / "state", address=nowhere(tmp_path))
    follower.clock.pass_by(hours=3)
    follower.turn()
    assert follower.live == "2"
    told, fault = follower.heard.registry
    assert told == heard
    assert fault is not None
    assert fault.code == "REGISTRY-AWAY"
    assert follower.heard.codes == ["REGISTRY-AWAY"]
    follower.feed.close()
    publisher.add(Kind.ROLLBACK, "1")
    back = follow(publisher, tmp_path / "state")
    back.turn(publisher.clock)
    assert back.live == "1"
    assert back.heard.codes == []


def test_a_date_comes_while_the_registry_is_away(sqlite: Publisher, follow: Follow, tmp_path: Path) -> None:
    """What was published for later is in the state directory too."""
    sqlite.publish("1")
    sqlite.publish("2", live_from=sqlite.clock.now + DAY)
    first = follow(sqlite, tmp_path / "state")
    first.turn(sqlite.clock)
    first.feed.close()
    follower = follow(sqlite, tmp_path / "state", address=nowhere(tmp_path))
    follower.turn()
    assert follower.live == "1"
    follower.clock.pass_by(days=2)
    follower.turn()
    assert follower.live == "2"


def test_neither_registry_nor_state(sqlite: Publisher, follow: Follow, tmp_path: Path) -> None:
    """Nothing answers, and it goes on trying."""
    sqlite.publish("1")
    away = tmp_path / "away"
    file = sqlite.store.address.file
    assert file is not None
    sqlite.store.close()
    file.rename(away)
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    assert not follower.feed.current().is_ready
    away.rename(file)
    follower.turn()
    assert follower.live == "1"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contents SET archive = zeroblob(100)",
        "DELETE FROM contents",
        "UPDATE events SET actor = 'x' WHERE seq = 3",
        "UPDATE events SET signature = (SELECT signature FROM events WHERE seq = 4) WHERE seq = 8",
        "DELETE FROM events WHERE seq = 2",
    ],
)
def test_a_state_that_was_altered_never_answers(
    sqlite: Publisher, follow: Follow, tmp_path: Path, statement: str
) -> None:
    sqlite.publish("1")
    sqlite.publish("2")
    first = follow(sqlite, tmp_path / "state")
    first.turn(sqlite.clock)
    first.feed.close()
    with Store(Address(str(tmp_path / "state" / "last-good.sqlite"))) as copy:
        execute(Publisher(copy), statement)
    away = follow(sqlite, tmp_path / "state", address=nowhere(tmp_path))
    away.turn()
    # Without the publishing of 2, which no longer has its signature, 1 is what was published.
    assert away.live == ("1" if "signature" in statement else "")
    assert away.heard.codes
    away.feed.close()
    back = follow(sqlite, tmp_path / "state")
    back.turn(sqlite.clock)
    assert back.live == ("1" if "signature" in statement else "2")


def test_a_damaged_state_file_is_moved_aside(sqlite: Publisher, follow: Follow, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "last-good.sqlite").write_bytes(b"nothing of the kind" * 500)
    sqlite.publish("1")
    follower = follow(sqlite, state)
    follower.turn(sqlite.clock)
    assert follower.live == "1"
    assert follower.heard.codes == ["LAST-GOOD-BROKEN"]
    assert (state / "last-good.sqlite.broken").exists()
    follower.feed.close()
    again = follow(sqlite, state, address=nowhere(tmp_path))
    again.turn()
    assert again.live == "1"


def test_a_state_directory_that_cannot_be_written(sqlite: Publisher, follow: Follow, tmp_path: Path) -> None:
    """The service answers all the same, and says so."""
    sqlite.publish("1")
    (tmp_path / "state").write_text("a file where the folder should be")
    follower = follow(sqlite, tmp_path / "state")
    follower.turn(sqlite.clock)
    assert follower.live == "1"
    assert follower.heard.codes == ["LAST-GOOD-BROKEN"]


def test_an_end_in_the_middle_of_saving_leaves_the_state_before(
    sqlite: Publisher, follow: Follow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the contents and the entries that need them."""
    sqlite.publish("1")
    first = follow(sqlite, tmp_path / "state")
    first.turn(sqlite.clock)
    sqlite.publish("2")

    def dies(*_: object) -> None:
        raise ConflictError([])

    monkeypatch.setattr(Store, "copy_in", dies)
    first.turn(sqlite.clock)
    monkeypatch.undo()
    assert first.live == "2"
    first.feed.close()
    follower = follow(sqlite, tmp_path / "state", address=nowhere(tmp_path))
    follower.turn()
    assert follower.live == "1"


def test_what_answered_last_answers_where_what_is_due_cannot_be_had(
    sqlite: Publisher, follow: Follow, tmp_path: Path
) -> None:
    """A version became due while the service was down, and its content was never saved here."""
    sqlite.publish("1")
    first = follow(sqlite, tmp_path / "state")
    first.turn(sqlite.clock)
    first.feed.close()
    sqlite.publish("2", live_from=sqlite.clock.now + DAY)
    last_good = LastGood(tmp_path / "state", trusting(sqlite.log.key), lambda *_: None)
    last_good._store.copy_in(sqlite.log.events)
    last_good.close()
    follower = follow(sqlite, tmp_path / "state", address=nowhere(tmp_path))
    follower.clock.pass_by(days=2)
    follower.turn()
    assert follower.live == "1"


def test_rulesets_are_independent(sqlite: Publisher, follow: Follow) -> None:
    sqlite.publish("1")
    sqlite.publish("7", name="twin")
    follower = follow(sqlite)
    follower.turn(sqlite.clock)
    assert follower.live == "7 1"
    sqlite.publish("2")
    gone(sqlite)
    sqlite.publish("8", name="twin")
    follower.turn(sqlite.clock)
    assert follower.live == "8 1", "a fault of one does not hold up the other"


def ask(rules: api.Rules, **pin: str) -> str:
    request = ReviewRequest()
    request.project.region_code, request.project.fiscal_year = "市乙", 2022
    for name, value in pin.items():
        setattr(request.context.pin, name, value)
    version: str = rules.review(request).stamp.version
    return version


@pytest.fixture
def rules(sqlite: Publisher) -> Iterator[api.Rules]:
    """Rules over a registry with versions 1 to 6 live one after the other, the first of them retired."""
    for label in "123456":
        sqlite.publish(label)
    sqlite.add(Kind.RETIRE, "1")
    sqlite.log.add(Kind.DRAFT, sqlite.put("9"), "编", label="9")
    sqlite.store.append(sqlite.log.events[-1])
    settings = FeedSettings(sqlite.store.address, "甲", trusted=trusting(sqlite.log.key), past=1, spare=1)
    feed = Feed(settings, Heard(), sqlite.clock)
    with api.Rules.load(feed=feed, concluder="chainer") as loaded:
        yield loaded


def test_published_versions_can_be_pinned_however_old(sqlite: Publisher, rules: api.Rules) -> None:
    assert ask(rules) == "6"
    for label in "123456":
        assert ask(rules, hash=sqlite.hashes[label]) == label
        assert ask(rules, version=label) == label
    assert ask(rules, bundle="tiny") == "6", "by its name alone it is the live version"
    held = set(rules._source._shelf.hashes())  # type: ignore[attr-defined]
    assert held == {sqlite.hashes["6"], sqlite.hashes["5"], sqlite.hashes["4"]}, "memory is bounded"


def test_drafts_and_unknown_versions_cannot_be_pinned(sqlite: Publisher, rules: api.Rules) -> None:
    for pin in ({"hash": sqlite.hashes["9"]}, {"version": "9"}, {"hash": A}, {"version": "77"}):
        with pytest.raises(api.NotFound):
            ask(rules, **pin)
    with pytest.raises(api.PinContradiction):
        ask(rules, hash="abc")


def test_a_pinned_version_that_cannot_be_had(sqlite: Publisher, rules: api.Rules) -> None:
    """It is published, so it is not unknown: the service is not ready for it."""
    execute(sqlite, "DELETE FROM contents WHERE hash = :h", h=sqlite.hashes["2"])
    with pytest.raises(api.NotReady) as raised:
        ask(rules, hash=sqlite.hashes["2"])
    assert "取不到" in raised.value.text("zh")
    assert ask(rules) == "6"


async def test_pinned_versions_come_beside_the_event_loop(sqlite: Publisher, rules: api.Rules) -> None:
    request = ReviewRequest()
    request.project.region_code, request.project.fiscal_year = "市乙", 2022
    request.context.pin.hash = sqlite.hashes["2"]
    assert (await rules.snapshot().review_async(request)).stamp.version == "2"


def test_the_threads_bring_what_is_published(sqlite: Publisher) -> None:
    """With its own threads, a feed takes over without being told."""
    came = {label: Signal() for label in "12"}

    class Telling(Heard):
        def on_reload(self, reload: Any) -> None:
            super().on_reload(reload)
            if reload.bundle is not None:
                came[reload.bundle.version].set()

    sqlite.publish("1")
    settings = FeedSettings(sqlite.store.address, "甲", interval_s=0.01, beat_s=0.05)
    feed = Feed(settings, Telling(), sqlite.clock)
    feed.start()
    try:
        assert came["1"].wait(60)
        sqlite.publish("2")
        assert came["2"].wait(60)
    finally:
        feed.close()
