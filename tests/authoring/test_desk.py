"""The desk: from draft to live, rollback and retirement, by the right people, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.registry.contents import GAP, content  # isort: skip
from tests.registry.desk import Clock, address_of  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service.authoring.desk import Desk
from rules_service.compile.archive import pack
from rules_service.registry.event import Event, Kind
from rules_service.registry.faults import ConflictError, RefusedError, StoreAwayError, StoreError
from rules_service.registry.log import check_log
from rules_service.registry.machine import Role
from rules_service.registry.roles import RoleFileError, Roles
from rules_service.registry.signing import SigningKey
from rules_service.registry.states import Stage
from rules_service.registry.store import Store

ROLES = Roles(
    {
        "编": frozenset({Role.EDITOR}),
        "审": frozenset({Role.APPROVER}),
        "运": frozenset({Role.OPERATOR}),
        "全": frozenset(Role),
    }
)
KEY = SigningKey.new()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with address_of(request.param, tmp_path) as address, Store(address, create=True) as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, ROLES, trusted=trusting(KEY), clock=clock)


def publish(desk: Desk, version: str, **options: Any) -> Any:
    """All steps of a version; gives the version as published."""
    drafted = desk.draft("编", content(version, (GAP, "30pp", f"{30 + len(version)}pp"))).version
    desk.check("编", drafted, workers=1)
    desk.approve("审", drafted, "同意")
    return desk.publish("运", drafted, KEY, **options).version


def refused(act: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(RefusedError) as raised:
        act(*arguments, **options)
    return raised.value.code


def live(desk: Desk) -> str:
    ruleset = desk.ruleset()
    found = ruleset.live(desk.now())
    return ruleset.versions[found.version].label if found is not None else ""


def test_from_draft_to_live_and_back(desk: Desk, clock: Clock, store: Store) -> None:
    first = publish(desk, "1")
    assert live(desk) == "1"
    clock.pass_by(days=1)
    second = publish(desk, "2", live_from=clock.now + timedelta(days=40), note="合格线 60→75")
    assert live(desk) == "1"
    assert desk.ruleset().stage(second.hash, clock.now) is Stage.PUBLISHED
    clock.pass_by(days=40)
    assert live(desk) == "2"
    done = desk.rollback("运", desk.ruleset(), KEY)
    assert done.version.hash == first.hash
    assert done.stage is Stage.LIVE
    assert live(desk) == "1"
    assert desk.retire("运", second, KEY).stage is Stage.RETIRED
    told = [(event.kind, event.actor) for event in store.events()]
    steps = [(Kind.DRAFT, "编"), (Kind.CHECK, "编"), (Kind.APPROVE, "审"), (Kind.PUBLISH, "运")]
    assert told == [*steps, *steps, (Kind.ROLLBACK, "运"), (Kind.RETIRE, "运")]
    report = check_log(store, trusting(KEY))
    assert report.broken is None
    assert report.doubtful == ()
    assert desk.files(first) == content("1", (GAP, "30pp", "31pp"))


def test_activation_brings_a_date_forward(desk: Desk, clock: Clock) -> None:
    publish(desk, "1")
    second = publish(desk, "2", live_from=clock.now + timedelta(days=40))
    desk.activate("运", second, KEY)
    assert live(desk) == "2"
    desk.rollback("运", desk.ruleset(), KEY)
    clock.pass_by(days=50)
    assert live(desk) == "1", "the date of before does not bring it again"


def test_refusals_reach_the_caller(desk: Desk, clock: Clock) -> None:
    """The state machine is asked at each step; its own cases are in the tests of the registry."""
    drafted = desk.draft("全", content("1")).version
    assert refused(desk.approve, "审", drafted) == "UNCHECKED"
    desk.check("全", drafted, workers=1)
    assert refused(desk.approve, "全", drafted) == "APPROVER-IS-EDITOR"
    assert refused(desk.publish, "运", drafted, KEY) == "NOT-APPROVED"
    desk.approve("审", drafted)
    assert refused(desk.publish, "编", drafted, KEY) == "ROLE-LACKING"
    assert refused(desk.publish, "路人", drafted, KEY) == "ROLE-LACKING"
    assert refused(desk.publish, "运", drafted, None) == "UNSIGNED"
    past = clock.now - timedelta(days=1)
    assert refused(desk.publish, "运", drafted, KEY, live_from=past) == "DATE-PAST"
    clock.pass_by(days=-1)
    assert refused(desk.publish, "运", drafted, KEY) == "CLOCK-BACK"
    before = desk.state().last_at
    done = desk.publish("运", drafted, KEY, confirmed={"CLOCK-BACK": "时钟曾走快"})
    assert done.event is not None
    assert done.event.at == before, "the times of the log never go back"
    assert done.event.body["confirmed"] == {"CLOCK-BACK": "时钟曾走快"}
    assert live(desk) == "1"
    assert refused(desk.rollback, "运", desk.ruleset(), KEY) == "NO-PREVIOUS"
    assert refused(desk.find, "f" * 12) == "VERSION-UNKNOWN"
    assert refused(desk.ruleset, "other") == "RULESET-UNKNOWN"


def test_a_check_that_fails(desk: Desk) -> None:
    """Errors of the files and failing tests both keep a version from its approval."""
    edit = ("national/checks/gates.yaml", "family: gates", "family: gate")
    wrong = desk.draft("编", content("1", edit)).version
    done = desk.check("编", wrong, workers=1)
    assert done.checked is not None
    assert not done.checked.ok
    assert done.event is not None
    assert done.event.body["errors"] > 0
    assert refused(desk.approve, "审", wrong) == "CHECK-FAILED"
    unreadable = desk.draft("编", content("2") | {"national/checks/gates.yaml": b"- {"}).version
    assert desk.check("编", unreadable, workers=1).stage is Stage.DRAFT
    expects = """
- name: no goal is no fault
  rule: GATE-01
  region: 全国
  request:
    context: {evaluated_on: "2026-11-22", provided: [SECTION_GOALS]}
    project: {fiscal_year: 2026, project_name: x, requested_fen: "100000000"}
  expect: {outcome: FAIL}
"""
    failing = expects.replace("FAIL", "PASS")
    for label, tests, ok in (("3", expects, True), ("4", failing, False)):
        files = content(label) | {"national/tests/gates.yaml": tests.encode()}
        drafted = desk.draft("编", files).version
        checked = desk.check("编", drafted, workers=1).checked
        assert checked is not None
        assert checked.ok is ok
        assert checked.body()["failures"] == (0 if ok else 1)


def test_the_impact_guard(desk: Desk) -> None:
    drafted = desk.draft("编", content("1")).version
    for share in ("1.5", "-0.1", "NaN", "x", 0.5, None):
        impact = {"newly_failing_share": share}
        assert refused(desk.check, "编", drafted, impact=impact, workers=1) == "IMPACT-SHARE"
    for unfit in (0.5, "长" * 30_000):
        impact = {"newly_failing_share": "0", "more": [{"a": unfit}]}
        assert refused(desk.check, "编", drafted, impact=impact, workers=1) == "IMPACT-BODY"
    desk.check("编", drafted, impact={"newly_failing_share": "1", "projects": 1500}, workers=1)
    desk.approve("审", drafted)
    assert refused(desk.publish, "运", drafted, KEY) == "IMPACT-LARGE"
    done = desk.publish("运", drafted, KEY, confirmed={"IMPACT-LARGE": "全部重报，已与各单位商定"})
    assert done.stage is Stage.LIVE


def test_drafts_put_in_again(desk: Desk, store: Store) -> None:
    first = desk.draft("编", content("1"))
    assert desk.draft("编", content("1")).event is None
    assert len(store.events()) == 1
    again = desk.draft("全", content("1"))
    assert again.version.editors == {"编", "全"}
    desk.reject("审", first.version, "出处不全")
    assert desk.draft("编", content("1")).stage is Stage.DRAFT
    assert refused(desk.draft, "编", {"ruleset.yaml": b"id: x"}) == "DRAFT-UNNAMED"
    assert refused(desk.draft, "编", {}) == "DRAFT-UNNAMED"
    assert refused(desk.draft, "编", content("2"), "一\n二") == "TEXT-UNFIT"
    assert refused(desk.draft, "审", content("2")) == "ROLE-LACKING"
    assert store.contents() == {first.version.hash}, "what is refused leaves nothing behind"


def test_versions_are_found_by_hash_or_label(desk: Desk) -> None:
    one = desk.draft("编", content("1")).version
    other = desk.draft("编", content("1", (GAP, "30pp", "31pp"))).version
    assert desk.find(one.hash[:12]).hash == one.hash
    assert refused(desk.find, "1") == "VERSION-AMBIGUOUS"
    desk.draft("编", content("9", name="twin"))
    assert desk.find("9").ruleset == "twin"
    assert refused(desk.find, "9", "tiny") == "VERSION-UNKNOWN"
    assert refused(desk.ruleset) == "RULESET-AMBIGUOUS"
    assert other.hash != one.hash


class Racing(Store):
    """A store before whose next appending somebody else writes."""

    meanwhile: Any = None

    def append(self, event: Event) -> None:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        super().append(event)


def test_of_two_publishes_at_once_one_is_told_of_the_other(store: Store, clock: Clock) -> None:
    with Racing(store.address) as racing:
        desk, other = Desk(racing, ROLES, clock=clock), Desk(store, ROLES, clock=clock)
        first, second = (desk.draft("编", content(label)).version for label in "12")
        for version in (first, second):
            desk.check("编", version, workers=1)
            desk.approve("审", version)
        racing.meanwhile = lambda: other.publish("全", first, KEY)
        with pytest.raises(ConflictError) as raised:
            desk.publish("运", second, KEY)
        assert [event.actor for event in raised.value.meanwhile] == ["全"]
        assert live(desk) == "1"
        racing.meanwhile = lambda: other.draft("编", content("1", name="twin"))
        assert desk.publish("运", second, KEY).stage is Stage.LIVE, "another ruleset is no hindrance"


def test_nothing_is_built_on_a_broken_log(desk: Desk, store: Store) -> None:
    publish(desk, "1")
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE events SET actor = '李四' WHERE seq = 2"))
    with pytest.raises(StoreError) as raised:
        desk.draft("编", content("2"))
    assert raised.value.code == "LOG-BROKEN"
    assert "第 2 条" in raised.value.text("zh")


def test_what_strangers_signed_does_not_count(desk: Desk, store: Store, clock: Clock) -> None:
    first = publish(desk, "1")
    publish(desk, "22")
    stranger = Desk(store, ROLES, clock=clock)
    stranger.rollback("运", stranger.ruleset(), SigningKey.new(), to=first)
    assert live(stranger) == "1"
    assert live(desk) == "22"


def test_an_altered_content_is_not_checked(desk: Desk, store: Store) -> None:
    drafted = desk.draft("编", content("1")).version
    with store._engine.begin() as connection:
        archive = pack("tiny", "1", content("1", (GAP, "30pp", "99pp")))
        connection.execute(text("UPDATE contents SET archive = :archive"), {"archive": archive})
    with pytest.raises(StoreError) as raised:
        desk.check("编", drafted, workers=1)
    assert raised.value.code == "CONTENT-ALTERED"


def test_a_registry_that_goes_in_mid_operation(tmp_path: Path, clock: Clock) -> None:
    """The step is not half done: it is told as undone, and can be done again."""
    with address_of("sqlite", tmp_path) as address, Store(address, create=True) as made:
        assert address.file is not None
        file, away = address.file, tmp_path / "away"
        with Racing(address) as racing:
            desk = Desk(racing, ROLES, clock=clock)
            racing.meanwhile = lambda: file.rename(away)
            with pytest.raises(StoreAwayError):
                desk.draft("编", content("1"))
            away.rename(file)
            assert made.events() == []
            assert desk.draft("编", content("1")).stage is Stage.DRAFT


def test_roles_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text("张三: [editor, reader]\n李四: approver\n", encoding="utf-8")
    roles = Roles.read(path)
    assert roles.of("张三") == {Role.EDITOR, Role.READER}
    assert roles.of("李四") == {Role.APPROVER}
    assert roles.of("王五") == frozenset()


@pytest.mark.parametrize(
    "text", ["", "- a", "张三: [boss]", "张三: {a: b}", "张三: &a [editor]", "a: [editor]\na: []"]
)
def test_files_of_roles_that_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RoleFileError) as raised:
        Roles.read(path)
    assert raised.value.code == "ROLE-FILE"
