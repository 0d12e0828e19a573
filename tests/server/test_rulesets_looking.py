"""RulesetService, the methods that look: versions, history, what was in force, replicas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.registry.keys import trusting  # isort: skip
from tests.server.rulesets import Registry, call, named, refused  # isort: skip

from rules_service.compile.archive import unpack
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN, RequestContext
from rules_service.registry.event import Event, Head, Kind, body_of, time_of
from rules_service.registry.log import LogState
from rules_service.registry.store import Replica, Store


@pytest.fixture
def registry(tmp_path):
    return Registry.make(tmp_path)


@pytest_asyncio.fixture
async def service(start, registry):
    return await start(**registry.settings())


async def test_versions_come_newest_first_and_page_by_page(service, registry):
    live = registry.published("1", "21pp")
    later = registry.published("2", "22pp", live_from=datetime.now(UTC) + timedelta(days=3))
    draft = registry.drafted("3", "23pp")
    asked = pb.ListVersionsRequest(context=RequestContext(request_id="r-7"), page_size=2)
    first = await call(service, "ListVersions", asked)
    assert first.request_id == "r-7"
    assert [(each.version, each.stage) for each in first.versions] == [
        ("3", pb.RULESET_STAGE_DRAFT),
        ("2", pb.RULESET_STAGE_PUBLISHED),
    ]
    assert (first.total_count, first.versions[0].editors) == (3, ["editor"])
    assert [order.hash for order in first.live] == [live.hash]
    assert [order.hash for order in first.scheduled] == [later.hash]
    registry.drafted("4", "24pp")  # what comes in between shifts no page
    asked.page_token = first.next_page_token
    second = await call(service, "ListVersions", asked)
    assert [each.hash for each in second.versions] == [live.hash]
    assert second.next_page_token == ""
    assert draft.hash == first.versions[0].hash


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"stages": [pb.RULESET_STAGE_LIVE]}, ["1"]),
        ({"stages": [pb.RULESET_STAGE_DRAFT, pb.RULESET_STAGE_CHECKED]}, ["3", "2"]),
        ({"ruleset": "tiny", "editor": "editor"}, ["3", "2", "1"]),
        ({"editor": "approver"}, []),
    ],
)
async def test_versions_are_filtered(service, registry, filters, found):
    registry.published("1", "21pp")
    registry.checked("2", "22pp")
    registry.drafted("3", "23pp")
    answer = await call(service, "ListVersions", pb.ListVersionsRequest(**filters))
    assert [each.version for each in answer.versions] == found


async def test_a_version_with_its_entries_its_check_and_its_archive(service, registry):
    version = registry.published("1")
    request = pb.GetVersionRequest(version=named(version.hash[:12]), with_archive=True)
    answer = await call(service, "GetVersion", request, "reader")
    told = answer.version
    assert (told.hash, told.stage, told.check.ok) == (version.hash, pb.RULESET_STAGE_LIVE, True)
    assert [told.drafted.actor, told.approved.actor, told.published.actor] == [
        "editor",
        "approver",
        "operator",
    ]
    steps = [pb.RulesetStep.Name(entry.step).removeprefix("RULESET_STEP_") for entry in answer.entries]
    assert steps == ["DRAFT", "CHECK", "APPROVE", "PUBLISH"]
    assert [order.hash for order in answer.orders] == [version.hash]
    assert unpack(answer.archive)[2] == version.hash
    without = await call(service, "GetVersion", pb.GetVersionRequest(version=named(version)))
    assert without.archive == b""


async def test_the_entries_told_are_the_chain_that_a_host_can_check(service, registry):
    registry.published("1")
    answer = await call(service, "ListHistory", pb.ListHistoryRequest())
    before = Head(0, "0" * 64)
    with Store(registry.address) as store:
        stored = store.events()
    for entry, event in zip(answer.entries, stored, strict=True):
        assert (entry.prev_hash, entry.seq) == (before.hash, before.seq + 1)
        assert (body_of(entry.body_json), time_of(entry.at)) == (event.body, event.at)
        before = event.head
    log = LogState()
    for event in stored:
        log, doubt = log.after(event, trusting(registry.key))
        assert doubt is None
    assert all(entry.doubt == "" for entry in answer.entries)


async def test_history_pages_both_ways(service, registry):
    registry.published("1", "21pp")
    other = registry.drafted("2", "22pp")
    for newest, numbers in ((False, [1, 2, 3, 4, 5]), (True, [5, 4, 3, 2, 1])):
        asked, seen = pb.ListHistoryRequest(newest_first=newest, page_size=2), []
        while True:
            answer = await call(service, "ListHistory", asked)
            seen += [entry.seq for entry in answer.entries]
            asked.page_token = answer.next_page_token
            if not answer.next_page_token:
                break
        assert seen == numbers
    of_one = await call(
        service, "ListHistory", pb.ListHistoryRequest(ruleset="tiny", version=other.hash[:12])
    )
    assert [entry.seq for entry in of_one.entries] == [5]


async def test_an_entry_that_does_not_count_is_told_with_its_reason(service, registry):
    version = registry.approved("1")
    with Store(registry.address) as store:
        last = store.events()[-1]
        forged = Event.after(
            last.head,
            at=last.at,
            actor="operator",
            role="operator",
            kind=Kind.PUBLISH,
            ruleset="tiny",
            version=version.hash,
            body={},
        )
        store.append(forged)
    answer = await call(service, "ListHistory", pb.ListHistoryRequest(newest_first=True, page_size=1))
    assert [entry.doubt for entry in answer.entries] == ["EVENT-UNSIGNED"]
    told = await call(service, "GetVersion", pb.GetVersionRequest(version=named(version)))
    assert told.version.stage == pb.RULESET_STAGE_APPROVED


async def test_what_was_in_force_and_what_will_be(service, registry):
    first = registry.published("1", "21pp")
    between = datetime.now(UTC)
    later = between + timedelta(days=3)
    second = registry.published("2", "22pp", live_from=later)

    async def asked(at: datetime | None, region: str = "市乙") -> pb.GetInForceResponse:
        text = "" if at is None else at.isoformat()
        request = pb.GetInForceRequest(region_code=region, at=text, rule_date="2022-06-01")
        return await call(service, "GetInForce", request)

    now = await asked(None)
    assert (now.version.hash, now.expected) == (first.hash, False)
    then = await asked(later + timedelta(seconds=1))
    assert (then.version.hash, then.expected, then.order.hash) == (second.hash, True, second.hash)
    before = await asked(between - timedelta(days=300))
    assert not before.HasField("version")
    registry.act("activate", "operator", second, registry.key)
    registry.act("retire", "operator", first, registry.key)
    # What answered then did answer, whatever has become of it since.
    assert (await asked(between)).version.hash == first.hash
    assert (await asked(None)).version.hash == second.hash
    status = await refused(asked(None, "乌有市"))
    assert (status.code, status.violations()) == ("INVALID_ARGUMENT", [("region_code", "REGION_UNKNOWN")])


async def test_replicas(service, registry):
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    with Store(registry.address) as store:
        store.beat(Replica("host-1", at, 4, {"tiny": ("a" * 64, at)}, ("a" * 64,)))
    answer = await call(service, "ListReplicas", pb.ListReplicasRequest())
    [replica] = answer.replicas
    assert (replica.name, replica.head_seq, replica.ready) == ("host-1", 4, ["a" * 64])
    assert [(live.ruleset, live.hash) for live in replica.live] == [("tiny", "a" * 64)]


@pytest.mark.parametrize(
    ("method", "request_", "violations"),
    [
        ("GetVersion", pb.GetVersionRequest(), [("version.version", "VERSION_MISSING")]),
        ("ListVersions", pb.ListVersionsRequest(page_size=501), [("page_size", "PAGE_SIZE")]),
        ("ListVersions", pb.ListVersionsRequest(page_size=-1), [("page_size", "PAGE_SIZE")]),
        ("ListVersions", pb.ListVersionsRequest(page_token="7"), [("page_token", "PAGE_TOKEN")]),  # noqa: S106
        ("ListHistory", pb.ListHistoryRequest(page_token="x"), [("page_token", "PAGE_TOKEN")]),  # noqa: S106
        ("GetInForce", pb.GetInForceRequest(at="gestern"), [("at", "MOMENT_SYNTAX")]),
        ("GetInForce", pb.GetInForceRequest(at="0001-01-01"), [("at", "MOMENT_SYNTAX")]),
        (
            "GetInForce",
            pb.GetInForceRequest(rule_date="1.1.2022", region_code="x" * 300),
            [("region_code", "ID_TOO_LONG"), ("rule_date", "DATE_SYNTAX")],
        ),
        ("ListVersions", pb.ListVersionsRequest(stages=[0, 99]), [
            ("stages[0]", "ENUM_UNKNOWN"), ("stages[1]", "ENUM_UNKNOWN"),
        ]),
    ],
)  # fmt: skip
async def test_faulty_fields(service, method, request_, violations):
    status = await refused(call(service, method, request_))
    assert (status.code, status.reason) == ("INVALID_ARGUMENT", "INVALID_REQUEST")
    assert status.violations() == violations


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("GetVersion", pb.GetVersionRequest(version=named("f" * 12)), "VERSION_UNKNOWN"),
        ("ListVersions", pb.ListVersionsRequest(ruleset="nothing"), "RULESET_UNKNOWN"),
        ("ListHistory", pb.ListHistoryRequest(version="f" * 12), "VERSION_UNKNOWN"),
    ],
)
async def test_what_is_unknown(service, method, request_, reason):
    status = await refused(call(service, method, request_))
    assert (status.code, status.reason) == ("NOT_FOUND", reason)


async def test_texts_come_in_the_language_asked_for_and_both_are_sent(service, registry):
    for label, gap in (("1", "21pp"), ("1", "22pp")):
        registry.drafted(label, gap)
    request = pb.GetVersionRequest(version=named("1"))
    chinese = await refused(call(service, "GetVersion", request))
    request.context.language = LANGUAGE_EN
    english = await refused(call(service, "GetVersion", request))
    assert (chinese.code, chinese.reason) == ("INVALID_ARGUMENT", "VERSION_AMBIGUOUS")
    assert chinese.message.startswith("“1”对得上不止一个版本")
    assert english.message.startswith("“1” fits several versions")
    assert chinese.texts() == english.texts()
    assert chinese.texts()["en"].endswith("Give more digits of the hash.")
