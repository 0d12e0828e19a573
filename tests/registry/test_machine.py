"""The state machine: what is refused at each step, which version is live when, and laws of both."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.registry.desk import START, Clock, Log  # isort: skip

from rules_service.registry.errors import CATALOGUE
from rules_service.registry.event import Kind
from rules_service.registry.machine import CONFIRMABLE, Guards, Role, Step, fold, refusal
from rules_service.registry.states import RulesetState, Stage
from rules_service.values.dates import CHINA_TIME

DATA = Path(__file__).parents[1] / "testdata" / "registry"
ROLES = {
    "编": {Role.EDITOR},
    "编二": {Role.EDITOR},
    "审": {Role.APPROVER},
    "运": {Role.OPERATOR},
    "全": set(Role) - {Role.READER},
    "读": {Role.READER},
}
_STEP = re.compile(r"(\w+) (\w)(?: (\w+))?(?: (\{.*\}))?")


def load(name: str) -> list[dict[str, Any]]:
    return YAML(typ="safe", pure=True).load((DATA / name).read_text("utf-8"))


def moment(text: object) -> datetime:
    """A day, or a day and a minute, in China."""
    return datetime.fromisoformat(str(text).strip()).replace(tzinfo=CHINA_TIME)


def step_of(text: str) -> tuple[str, str, str, dict[str, Any]]:
    match = _STEP.fullmatch(text)
    assert match, text
    options = YAML(typ="safe", pure=True).load(match[4]) if match[4] else {}
    if "live_from" in options:
        options["live_from"] = moment(options["live_from"])
    return match[1], match[2] * 64, match[3] or "", options


def log_of(lines: Iterable[str]) -> Log:
    log = Log()
    for line in lines:
        kind, version, actor, options = step_of(line)
        if kind == "check":
            options = {"ok": True} | options
        if kind == "approved":
            log.approved(version)
        elif kind == "published":
            log.published(version)
        else:
            log.add(Kind(kind), version, actor, **options)
            log.clock.pass_by(hours=1, seconds=-1)
            continue
        log.clock.now = log.events[-1].at + timedelta(hours=1)
    return log


@pytest.mark.parametrize("case", load("steps.yaml"), ids=lambda case: f"{case['before']} {case['then']}")
def test_steps(case: dict[str, Any]) -> None:
    log = log_of(case["before"])
    kind, version, actor, options = step_of(case["then"])
    now = log.clock.now
    if "clock" in options:
        hours, minutes = options["clock"][1:].split(":")
        now = log.events[-1].at - timedelta(hours=int(hours), minutes=int(minutes))
    step = Step(
        Kind(kind),
        "tiny",
        version,
        actor,
        frozenset(ROLES.get(actor, ())),
        now,
        live_from=options.get("live_from"),
        signed="unsigned" not in options,
        confirmed=frozenset({options["confirm"]} if "confirm" in options else ()),
    )
    found = refusal(fold(log.events), step, Guards())
    assert (found.code if found is not None else "none") == case["says"]


def test_every_refusal_is_among_the_cases() -> None:
    said = {case["says"] for case in load("steps.yaml")}
    codes = set(re.findall(r'"([A-Z]+(?:-[A-Z]+)*)"', (DATA.parents[2] / MACHINE).read_text("utf-8")))
    assert codes & CATALOGUE.codes() - {"EVENT-IGNORED"} == said - {"none"}
    assert said >= CONFIRMABLE


MACHINE = "rules_service/registry/machine.py"


@pytest.mark.parametrize("case", load("live.yaml"), ids=lambda case: case["name"])
def test_what_is_live_when(case: dict[str, Any]) -> None:
    log = log_of(case["log"])
    state = fold(log.events).rulesets["tiny"]
    for time, expected in case["live"].items():
        live = state.live(moment(time), floor=0)
        come = live is not None and live.since <= moment(time)
        assert (live.version[0] if live is not None and come else "none") == expected, time


def live_version(state: RulesetState, now: datetime, floor: int = 0) -> str:
    live = state.live(now, floor)
    return live.version[0] if live is not None else ""


def test_a_clock_set_back_does_not_undo_what_has_come() -> None:
    log = log_of(["published a", "approved b", "publish b 运 {live_from: 2027-01-01}"])
    state = fold(log.events).rulesets["tiny"]
    come = state.live(moment("2027-01-01"))
    assert come is not None
    assert live_version(state, moment("2026-12-01")) == "a"
    assert live_version(state, moment("2026-12-01"), come.seq) == "b"


def test_rollbacks_without_a_name_go_further_and_further_back() -> None:
    log = log_of(["published a", "published b", "published c"])
    for expected in ("b", "a"):
        previous = fold(log.events).rulesets["tiny"].previous(log.clock.now)
        assert previous == expected * 64
        log.add(Kind.ROLLBACK, previous, "运")
    assert fold(log.events).rulesets["tiny"].previous(log.clock.now) is None


def test_stages_on_the_way() -> None:
    log, stages = Log(clock=Clock()), list[Stage]()
    steps: list[tuple[Kind, str, dict[str, Any]]] = [
        (Kind.DRAFT, "编", {"label": "2026.1"}),
        (Kind.CHECK, "编", {"ok": True}),
        (Kind.APPROVE, "审", {}),
        (Kind.PUBLISH, "运", {"live_from": START + timedelta(days=30)}),
    ]
    version = "a" * 64
    for kind, actor, body in steps:
        log.add(kind, version, actor, **body)
        stages.append(fold(log.events).rulesets["tiny"].stage(version, log.clock.now))
    log.clock.pass_by(days=31)
    stages.append(fold(log.events).rulesets["tiny"].stage(version, log.clock.now))
    log.published("b" * 64)
    log.add(Kind.RETIRE, version, "运")
    stages.append(fold(log.events).rulesets["tiny"].stage(version, log.clock.now))
    assert stages == [
        Stage.DRAFT,
        Stage.CHECKED,
        Stage.APPROVED,
        Stage.PUBLISHED,
        Stage.LIVE,
        Stage.RETIRED,
    ]


steps = st.tuples(
    st.sampled_from(list(Kind)),
    st.sampled_from("abc"),
    st.sampled_from(sorted(ROLES)),
    st.integers(0, 3),
    st.sampled_from([None, -30, 1, 30, 90]),
)


@given(st.lists(steps, max_size=40))
def test_whatever_is_done_in_order_keeps_the_laws(tried: list[Any]) -> None:
    """Random steps, each done only when it is not refused.

    What was done so is never ignored when the log is read; only versions that another person approved are
    ever live; as time passes, what is live changes only by orders whose time has come; and no clock
    brings an earlier version back once a later one was seen.
    """
    log = Log(clock=Clock())
    for kind, letter, actor, hours, days in tried:
        log.clock.pass_by(hours=hours)
        dated = days is not None and kind in {Kind.PUBLISH, Kind.ACTIVATE}
        due = log.clock.now + timedelta(days=days) if dated else None
        state = fold(log.events)
        roles = frozenset(ROLES[actor])
        step = Step(kind, "tiny", letter * 64, actor, roles, log.clock.now, due, signed=True)
        if refusal(state, step, Guards()) is not None:
            continue
        body: dict[str, Any] = {"ok": True} if kind is Kind.CHECK else {}
        log.add(kind, letter * 64, actor, **(body | ({"live_from": due} if due else {})))
        after = fold(log.events)
        assert after != state
        if kind in {Kind.ROLLBACK, Kind.ACTIVATE} and due is None:
            assert live_version(after.rulesets["tiny"], log.clock.now) == letter
    if not log.events:
        return
    ruleset = fold(log.events).rulesets["tiny"]
    floor = 0
    for day in (0, 1, 2, 29, 31, 60, 100):
        now = log.clock.now + timedelta(days=day)
        live = ruleset.live(now, floor)
        if live is None:
            continue
        version = ruleset.versions[live.version]
        assert version.publication is not None
        assert version.approval is not None
        assert version.approval.actor not in version.editors
        assert version.retirement is None
        assert ruleset.live(START - timedelta(days=999), live.seq) == max(
            [live, *(each for each in ruleset.activations if each.due is None)],
            key=lambda each: (ruleset.versions[each.version].retirement is None, each.order),
        )
        assert live.since <= now or live.due is None
        floor = live.seq
