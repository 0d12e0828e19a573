"""RulesetService, the methods that change something: each step, each refusal, and two at once."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.server.rulesets import ROLES, Registry, call, files, named, refused, sent  # isort: skip

from rules_service.compile.archive import content_hash, pack
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN
from rules_service.registry.log import check_log
from rules_service.registry.signing import TrustedKeys
from rules_service.registry.store import Store

DATE = pb.Confirmation(code="DATE-PAST", reason="补录")


@pytest.fixture
def registry(tmp_path):
    return Registry.make(tmp_path)


@pytest_asyncio.fixture
async def service(start, registry):
    return await start(**registry.settings())


async def test_from_draft_to_live_back_and_retired(service, registry):
    earlier = registry.published("1", "21pp")
    content = files("2", "22pp")
    drafted = await call(service, "Draft", pb.DraftRequest(content=sent(content), note="合格线"), "editor")
    version = drafted.result.version
    assert (version.hash, version.stage) == (content_hash(content), pb.RULESET_STAGE_DRAFT)
    assert (drafted.result.entry.actor, drafted.result.entry.role) == ("editor", "editor")
    again = await call(service, "Draft", pb.DraftRequest(content=sent(content)), "editor")
    assert not again.result.HasField("entry")  # nothing to do
    reference = named(version.hash)
    checked = await call(service, "Check", pb.CheckRequest(version=reference), "editor")
    assert (checked.report.ok, checked.result.version.stage) == (True, pb.RULESET_STAGE_CHECKED)
    approved = await call(service, "Approve", pb.ApproveRequest(version=reference, note="同意"), "approver")
    assert approved.result.version.approved.note == "同意"
    published = await call(service, "Publish", pb.PublishRequest(version=reference), "operator")
    assert published.result.version.stage == pb.RULESET_STAGE_LIVE
    assert published.result.entry.key_id == registry.key.id
    back = await call(service, "RollBack", pb.RollBackRequest(note="误发"), "operator")
    assert back.result.version.hash == earlier.hash
    await call(service, "Activate", pb.ActivateRequest(version=reference), "operator")
    retired = await call(service, "Retire", pb.RetireRequest(version=named(earlier)), "operator")
    assert retired.result.version.stage == pb.RULESET_STAGE_RETIRED
    with Store(registry.address) as store:
        report = check_log(store, TrustedKeys.read(registry.folder / "trusted.pem"))
    assert (report.broken, report.doubtful) == (None, ())


async def test_an_archive_is_a_draft_too(service):
    content = files("1")
    request = pb.DraftRequest(content=pb.RulesetContent(archive=pack("tiny", "1", content)))
    answer = await call(service, "Draft", request, "editor")
    assert answer.result.version.hash == content_hash(content)


async def test_a_future_date_and_a_confirmed_past_one(service, registry):
    version = registry.approved("1")
    past = pb.PublishRequest(version=named(version), live_from="2020-01-01")
    status = await refused(call(service, "Publish", past, "operator"))
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "DATE_PAST")
    past.confirmed.append(DATE)
    answer = await call(service, "Publish", past, "operator")
    assert "补录" in answer.result.entry.body_json
    later = registry.approved("2", "22pp")
    at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    answer = await call(service, "Publish", pb.PublishRequest(version=named(later), live_from=at), "operator")
    assert answer.result.version.stage == pb.RULESET_STAGE_PUBLISHED


def refusals(registry: Registry):
    """Each refusal: its reason, who calls which method, with what."""
    draft = registry.drafted("1", "11pp")
    failed = registry.checked("2", "12pp", ok=False)
    checked = registry.checked("3", "13pp")
    registry.act("draft", "everything", files("3", "13pp"))
    registry.act("note_check", "editor", checked, {"ok": True})
    approved = registry.approved("4", "14pp")
    large = registry.approved("5", "15pp", share="0.5")
    live = registry.published("6", "16pp")
    rejected = registry.act("reject", "approver", registry.drafted("7", "17pp"))
    retired = registry.published("8", "18pp", live_from=datetime.now(UTC) + timedelta(days=9))
    registry.act("retire", "operator", retired, registry.key)
    old = registry.checked("9", "19pp")
    registry.act("draft", "colleague", files("9", "19pp"))
    yield "UNCHECKED", "Approve", pb.ApproveRequest(version=named(draft)), "approver"
    yield "CHECK_FAILED", "Approve", pb.ApproveRequest(version=named(failed)), "approver"
    yield "CHECK_OLD", "Approve", pb.ApproveRequest(version=named(old)), "approver"
    yield "APPROVER_IS_EDITOR", "Approve", pb.ApproveRequest(version=named(checked)), "everything"
    yield "ALREADY_APPROVED", "Approve", pb.ApproveRequest(version=named(approved)), "approver"
    yield "REJECTED", "Approve", pb.ApproveRequest(version=named(rejected)), "approver"
    yield "NOT_APPROVED", "Publish", pb.PublishRequest(version=named(checked)), "operator"
    yield "IMPACT_LARGE", "Publish", pb.PublishRequest(version=named(large)), "operator"
    yield "ALREADY_PUBLISHED", "Reject", pb.RejectRequest(version=named(live)), "approver"
    yield "NOT_PUBLISHED", "Activate", pb.ActivateRequest(version=named(draft)), "operator"
    yield "ALREADY_LIVE", "Activate", pb.ActivateRequest(version=named(live)), "operator"
    yield "RETIRED", "Activate", pb.ActivateRequest(version=named(retired)), "operator"
    yield "LIVE_NOT_RETIRED", "Retire", pb.RetireRequest(version=named(live)), "operator"
    yield "NO_PREVIOUS", "RollBack", pb.RollBackRequest(), "operator"


async def test_every_refusal_of_the_state_machine(service, registry):
    assert ROLES["everything"] == ["editor", "approver", "operator"]
    for reason, method, request, actor in await asyncio.to_thread(lambda: list(refusals(registry))):
        chinese = await refused(call(service, method, request, actor))
        assert (chinese.code, chinese.reason) == ("FAILED_PRECONDITION", reason)
        [info] = chinese.details["ErrorInfo"]
        assert info.metadata["fault"] == reason.replace("_", "-")
        request.context.language = LANGUAGE_EN
        english = await refused(call(service, method, request, actor))
        texts = english.texts()
        assert texts["en"].startswith(english.message)
        assert texts["zh-CN"].startswith(chinese.message)
        assert texts["zh-CN"] != texts["en"]


async def test_without_a_key_nothing_is_signed(start, registry):
    service = await start(**registry.settings() | {"signing_key_file": None})
    status = await refused(
        call(service, "Publish", pb.PublishRequest(version=named(registry.approved("1"))), "operator")
    )
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "UNSIGNED")


async def test_a_key_that_others_can_read_is_not_used(service, registry):
    (registry.folder / "key.pem").chmod(0o644)
    request = pb.PublishRequest(version=named(registry.approved("1")))
    status = await refused(call(service, "Publish", request, "operator"))
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "KEY_UNUSABLE")
    assert str(registry.folder) not in status.message


async def test_of_two_publishes_at_once_each_is_whole_or_refused(service, registry):
    versions = [registry.approved(str(number), f"{20 + number}pp") for number in range(1, 7)]
    asked = [
        call(service, "Publish", pb.PublishRequest(version=named(version)), "operator")
        for version in versions
    ]
    twice = [
        call(service, "Publish", pb.PublishRequest(version=named(versions[0])), "operator") for _ in range(3)
    ]
    found = await asyncio.gather(*asked, *twice, return_exceptions=True)
    reasons = set()
    for each in found:
        if isinstance(each, BaseException):

            async def again(error=each):
                raise error

            status = await refused(again())
            reasons.add((status.code, status.reason))
    assert reasons <= {("ABORTED", "CONFLICT"), ("FAILED_PRECONDITION", "ALREADY_PUBLISHED")}
    done = [each for each in found if not isinstance(each, BaseException)]
    assert done
    with Store(registry.address) as store:
        report = check_log(store, TrustedKeys.read(registry.folder / "trusted.pem"))
        published = [event.version for event in store.events() if event.kind.value == "publish"]
    assert (report.broken, report.doubtful) == (None, ())
    assert sorted(published) == sorted(each.result.version.hash for each in done)
    assert len(set(published)) == len(published)


async def test_somebody_else_who_writes_first_is_told(service, registry, monkeypatch):
    version = registry.approved("1")
    other = registry.approved("2", "22pp")
    append, told = Store.append, []

    def overtaken(store, event):
        if not told:
            told.append(event)
            registry.act("publish", "operator", other, registry.key)
        append(store, event)

    monkeypatch.setattr(Store, "append", overtaken)
    status = await refused(call(service, "Publish", pb.PublishRequest(version=named(version)), "operator"))
    assert (status.code, status.reason) == ("ABORTED", "CONFLICT")
    assert other.hash[:12] in status.texts()["en"]


def zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for path, content in entries:
            archive.writestr(path, content)
    return stream.getvalue()


ARCHIVE = pack("tiny", "1", files("1"))
HOSTILE_ARCHIVES = {
    "no archive": (b"PK\x03\x04 nothing", "BUNDLE-NOT-ARCHIVE"),
    "empty": (b"", "BUNDLE-NOT-ARCHIVE"),
    "a zip bomb": (zipped(("a", b"\0" * 10_000_000), compression=zipfile.ZIP_DEFLATED), "BUNDLE-COMPRESSED"),
    "a way out of the folder": (zipped(("../../etc/passwd", b"x")), "BUNDLE-PATH"),
    "an absolute path": (zipped(("/etc/passwd", b"x")), "BUNDLE-PATH"),
    "no manifest": (zipped(("ruleset.yaml", b"id: tiny")), "BUNDLE-NO-MANIFEST"),
    "a manifest of another kind": (zipped(("manifest.json", b"[" * 100_000)), "BUNDLE-NO-MANIFEST"),
    "an altered byte": (ARCHIVE.replace(b"25pp", b"26pp"), "BUNDLE-NOT-ARCHIVE"),
    "something behind it": (ARCHIVE + b"tail", "BUNDLE-NOT-CANONICAL"),
    "another name outside than inside": (pack("other", "1", files("1")), "BUNDLE-HEAD"),
}
HOSTILE_FILES = {
    "a way out of the folder": ("../x.yaml", "BUNDLE-PATH"),
    "an absolute path": ("/etc/passwd", "BUNDLE-PATH"),
    "no path": ("", "BUNDLE-PATH"),
    "a backslash": ("national\\x.yaml", "BUNDLE-PATH"),
    "a null character": ("national/x\0.yaml", "BUNDLE-"),
    "the manifest": ("manifest.json", "FILE_TWICE"),
    "twice the same": ("ruleset.yaml", "FILE_TWICE"),
}


@pytest.mark.parametrize("archive", HOSTILE_ARCHIVES.values(), ids=HOSTILE_ARCHIVES)
async def test_hostile_archives(service, registry, archive):
    request = pb.DraftRequest(content=pb.RulesetContent(archive=archive[0]))
    status = await refused(call(service, "Draft", request, "editor"))
    assert status.code == "INVALID_ARGUMENT"
    assert status.violations() == [("content", archive[1])]
    with Store(registry.address) as store:
        assert not store.contents()


@pytest.mark.parametrize("path", HOSTILE_FILES.values(), ids=HOSTILE_FILES)
async def test_hostile_files(service, registry, path):
    content = sent(files("1"))
    content.files.files.add(path=path[0], content=b"x")
    status = await refused(call(service, "Draft", pb.DraftRequest(content=content), "editor"))
    assert status.code == "INVALID_ARGUMENT"
    [(_, code)] = status.violations()
    assert code.startswith(path[1])
    with Store(registry.address) as store:
        assert not store.contents()


@pytest.mark.parametrize(
    ("method", "request_", "actor", "found"),
    [
        ("Draft", pb.DraftRequest(), "editor", [("content", "CONTENT_MISSING")]),
        (
            "Draft",
            pb.DraftRequest(content=pb.RulesetContent(version=named("1"))),
            "editor",
            [("content", "CONTENT_STORED")],
        ),
        ("Diff", pb.DiffRequest(), "reader", [("new", "CONTENT_MISSING")]),
        ("Simulate", pb.SimulateRequest(), "reader", [("review_requests", "REQUESTS_MISSING")]),
        (
            "Publish",
            pb.PublishRequest(version=named("1"), live_from="soon"),
            "operator",
            [("live_from", "MOMENT_SYNTAX")],
        ),
        (
            "Publish",
            pb.PublishRequest(version=named("1"), confirmed=[pb.Confirmation(code="UNSIGNED", reason="x")]),
            "operator",
            [("confirmed[0].code", "CONFIRM_CODE")],
        ),
        (
            "Publish",
            pb.PublishRequest(version=named("1"), confirmed=[DATE, pb.Confirmation(code="DATE-PAST")]),
            "operator",
            [("confirmed[1].reason", "CONFIRM_REASON")],
        ),
    ],
)
async def test_faulty_fields(service, registry, *, method, request_, actor, found):
    registry.approved("1")
    status = await refused(call(service, method, request_, actor))
    assert (status.code, status.violations()) == ("INVALID_ARGUMENT", found)


async def test_rules_that_do_not_say_what_they_are(service):
    content = files("1")
    content["ruleset.yaml"] = b"id: tiny\n"
    status = await refused(call(service, "Draft", pb.DraftRequest(content=sent(content)), "editor"))
    assert (status.code, status.reason) == ("INVALID_ARGUMENT", "DRAFT_UNNAMED")


async def test_a_note_with_control_characters(service, registry):
    request = pb.RejectRequest(version=named(registry.drafted("1")), note="a\x1b[2J")
    status = await refused(call(service, "Reject", request, "approver"))
    assert (status.code, status.reason) == ("INVALID_ARGUMENT", "TEXT_UNFIT")


async def test_while_the_registry_is_away(service, registry):
    version = registry.published("1")
    moved = registry.folder / "registry.sqlite"
    moved.rename(registry.folder / "elsewhere.sqlite")
    for method, request, actor in (
        ("ListVersions", pb.ListVersionsRequest(), "reader"),
        ("RollBack", pb.RollBackRequest(version=named(version)), "operator"),
    ):
        status = await refused(call(service, method, request, actor))
        assert (status.code, status.reason) == ("UNAVAILABLE", "REGISTRY_AWAY")
        assert status.details["RetryInfo"]
        assert str(registry.folder) not in status.message
    (registry.folder / "elsewhere.sqlite").rename(moved)
    answer = await call(service, "ListVersions", pb.ListVersionsRequest())
    assert [each.hash for each in answer.versions] == [version.hash]


async def test_a_damaged_log_is_told_as_such(service, registry):
    registry.published("1")
    with sqlite3.connect(registry.folder / "registry.sqlite") as connection:
        connection.execute("UPDATE events SET actor = 'somebody' WHERE seq = 2")
    connection.close()
    status = await refused(call(service, "ListVersions", pb.ListVersionsRequest()))
    assert (status.code, status.reason) == ("DATA_LOSS", "REGISTRY_DAMAGED")


async def test_the_log_line_names_who_did_what_and_never_a_token(service, registry):
    version = registry.approved("1")
    await call(service, "Publish", pb.PublishRequest(version=named(version)), "operator")
    line = service.log[-1]
    assert (line["method"], line["actor"], line["bundle"]) == ("Publish", "operator", version.hash[:12])
    await refused(call(service, "ListVersions", pb.ListVersionsRequest(), "mistyped-token"))
    assert b"token-of" not in service.stream.getvalue()
    assert b"mistyped-token" not in service.stream.getvalue()
