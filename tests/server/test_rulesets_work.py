"""RulesetService, the long work: checking, comparing and simulating in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from grpc import aio

from tests.server.rulesets import Registry, call, files, named, refused, sent  # isort: skip

from rules_service.pb.budget.rules.v1 import application_pb2, options_pb2, result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN, RequestContext
from rules_service.server.desk_bench import Bench
from rules_service.server.settings import Settings

GATES = "national/checks/gates.yaml"


@pytest.fixture
def registry(tmp_path):
    return Registry.make(tmp_path)


@pytest_asyncio.fixture
async def service(start, registry):
    return await start(**registry.settings())


def faulty() -> dict[str, bytes]:
    """Rules with an error on a line that is known."""
    content = files("2")
    content[GATES] = content[GATES].replace(b"version:", b"verzion:", 1)
    return content


async def test_diagnostics_have_their_place_in_both_languages(service):
    request = pb.ValidateRequest(content=sent(faulty()))
    chinese = await call(service, "Validate", request)
    request.context.language = LANGUAGE_EN
    english = await call(service, "Validate", request)
    report = chinese.report
    assert (report.ok, report.tested) == (False, False)
    line = (
        faulty()[GATES].split(b"\n").index(next(x for x in faulty()[GATES].split(b"\n") if b"verzion" in x))
    )
    found = [each for each in report.diagnostics if (each.file, each.line) == (GATES, line + 1)]
    assert found
    assert found[0].level == pb.DIAGNOSTIC_LEVEL_ERROR
    assert report.errors == sum(each.level == pb.DIAGNOSTIC_LEVEL_ERROR for each in report.diagnostics)
    assert [each.code for each in english.report.diagnostics] == [each.code for each in report.diagnostics]
    assert english.report.diagnostics[0].text != report.diagnostics[0].text


async def test_validating_notes_nothing_and_a_check_notes_what_it_found(service, registry):
    version = registry.act("draft", "editor", faulty())
    await call(service, "Validate", pb.ValidateRequest(content=pb.RulesetContent(version=named(version))))
    told = await call(service, "GetVersion", pb.GetVersionRequest(version=named(version)))
    assert not told.version.HasField("check")
    checked = await call(service, "Check", pb.CheckRequest(version=named(version)), "editor")
    assert (checked.report.ok, checked.result.version.stage) == (False, pb.RULESET_STAGE_DRAFT)
    summary = checked.result.version.check
    assert (summary.ok, summary.errors, list(summary.codes)) == (
        False,
        checked.report.errors,
        list(checked.report.codes),
    )


async def test_only_linting(service):
    request = pb.ValidateRequest(content=sent(files("1")), skip_tests=True)
    answer = await call(service, "Validate", request)
    assert (answer.report.ok, answer.report.tested) == (True, False)


async def test_the_difference_from_what_is_live(service, registry):
    live = registry.published("1", "21pp")
    request = pb.DiffRequest(new=sent(files("2", "22pp")))
    answer = await call(service, "Diff", request)
    assert answer.old_hash == live.hash
    [change] = [each for each in answer.changes if each.id == "gap_red" and each.subject == "value"]
    assert (change.verb, change.before, change.after) == ("changed", "21个百分点", "22个百分点")
    assert not (
        await call(service, "Diff", pb.DiffRequest(new=pb.RulesetContent(version=named(live))))
    ).changes


async def test_the_difference_between_two_places(service, registry):
    live = registry.published("1", "21pp")
    request = pb.DiffRequest(
        old=pb.RulesetContent(version=named(live)),
        old_place=pb.RulesetPlace(region_code="全国", rule_date="2022-06-01"),
        new_place=pb.RulesetPlace(region_code="市乙", rule_date="2022-06-01"),
    )
    answer = await call(service, "Diff", request)
    assert answer.old_hash == answer.new_hash == live.hash
    assert answer.changes
    request.new_place.region_code = "乌有市"
    status = await refused(call(service, "Diff", request))
    assert status.violations() == [("new_place.region_code", "REGION_UNKNOWN")]


async def test_comparing_with_rules_that_do_not_compile(service, registry):
    registry.published("1", "21pp")
    status = await refused(call(service, "Diff", pb.DiffRequest(new=sent(faulty()))))
    assert (status.code, status.reason) == ("INVALID_ARGUMENT", "RULESET_INVALID")
    assert any(field.startswith(f"new/{GATES}:") for field, _ in status.violations())


async def test_hostile_archives_do_not_get_far_in_the_job_either(service, registry):
    registry.published("1", "21pp")
    request = pb.DiffRequest(new=pb.RulesetContent(archive=b"PK"))
    status = await refused(call(service, "Diff", request))
    assert status.violations() == [("new", "BUNDLE-NOT-ARCHIVE")]


async def test_with_nothing_live_there_is_nothing_to_compare_with(service, registry):
    registry.drafted("1")
    status = await refused(call(service, "Diff", pb.DiffRequest(new=sent(files("2", "22pp")))))
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "NOTHING_LIVE")


STRICTER = (GATES, "fails_when: size(project.goals) == 0", "fails_when: size(project.goals) < 2")
"""From now on one goal is not enough."""


def application(goals: int, **fields) -> review_pb.ReviewRequest:
    """An application of 50 million yuan with some goals."""
    request = review_pb.ReviewRequest()
    request.context.provided.extend([options_pb2.SECTION_GOALS, options_pb2.SECTION_INDICATORS])
    project = {"region_code": "市乙", "fiscal_year": 2022, "requested_fen": 5_000_000_000} | fields
    request.project.CopyFrom(application_pb2.BudgetApplication(**project))
    for number in range(goals):
        request.project.goals.add(goal_id=f"g{number}", goal_text="一")
    return request


async def test_simulating_tells_who_stands_otherwise(service, registry):
    registry.published("1")
    request = pb.SimulateRequest(draft=sent(files("2", "25pp", STRICTER)))
    request.review_requests.extend([application(1), application(0), application(2)])
    request.review_requests.append(application(1, region_code="乌有市"))
    request.assess_requests.add()
    answer = await call(service, "Simulate", request)
    summary = answer.summary
    assert (summary.projects, summary.unanswerable, summary.newly_failing) == (3, 2, 1)
    assert summary.newly_failing_share == "0.333334"
    assert [each.field for each in answer.refused] == ["review_requests[3]", "assess_requests[0]"]
    assert [(move.old, move.new, move.projects) for move in answer.moves] == [("APPROVE", "BAR", 1)]
    [flip] = answer.flips
    assert (flip.place, flip.old, flip.new) == ("review_requests[0]", "APPROVE", "BAR")
    assert (flip.old_grade.split()[0], flip.new_grade.split()[0]) == ("A", "C")
    assert [reason.rule_id for reason in flip.reasons] == ["GATE-01"]


async def test_a_check_with_requests_guards_the_publishing(service, registry):
    registry.published("1")
    version = named(registry.act("draft", "editor", files("2", "25pp", STRICTER)))
    request = pb.CheckRequest(version=version, review_requests=[application(1), application(2)])
    checked = await call(service, "Check", request, "editor")
    assert checked.result.version.check.newly_failing_share == "0.5"
    await call(service, "Approve", pb.ApproveRequest(version=version), "approver")
    status = await refused(call(service, "Publish", pb.PublishRequest(version=version), "operator"))
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "IMPACT_LARGE")


async def test_requests_of_a_simulation_are_counted(start, registry):
    service = await start(**registry.settings(), max_simulated_requests=2)
    request = pb.SimulateRequest(draft=sent(files("2")), review_requests=[application(1)] * 3)
    status = await refused(call(service, "Simulate", request))
    assert (status.code, status.violations()) == (
        "INVALID_ARGUMENT",
        [("review_requests", "REQUESTS_TOO_MANY")],
    )


class Held:
    """A job that goes on until it is let go."""

    def __init__(self) -> None:
        self.began, self.go, self.dropped = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, answer):
        self.began.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.dropped.set()
            raise
        return answer()


@pytest.fixture
def held(monkeypatch):
    job = Held()

    async def work(_bench, _request, answer, _language):
        return await job(answer)

    monkeypatch.setattr(Bench, "work", work)
    return job


async def test_one_piece_of_work_at_a_time(service, held):
    request = pb.ValidateRequest(content=sent(files("1")))
    first = asyncio.create_task(call(service, "Validate", request))
    await held.began.wait()
    status = await refused(call(service, "Validate", request))
    assert (status.code, status.reason) == ("RESOURCE_EXHAUSTED", "WORK_BUSY")
    assert status.details["RetryInfo"][0].retry_delay.seconds > 0
    # Looking is not held up by it, and neither are answers.
    await call(service, "ListVersions", pb.ListVersionsRequest())
    assert (await service.reviews.Review(review_pb.ReviewRequest())).decision == result_pb2.DECISION_RETURN
    held.go.set()
    await first
    await call(service, "Validate", request)


@pytest.mark.parametrize("end", ["deadline", "cancel"])
async def test_work_that_nobody_waits_for_is_dropped(service, held, end):
    request = pb.ValidateRequest(content=sent(files("1")))
    options = {"timeout": 0.5} if end == "deadline" else {}
    running = asyncio.create_task(call(service, "Validate", request, **options))
    await held.began.wait()
    if end == "cancel":
        running.cancel()
    with pytest.raises((aio.AioRpcError, asyncio.CancelledError)):
        await running
    await held.dropped.wait()
    held.go.set()
    await call(service, "Validate", request)  # there is room again


def children() -> set[int]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
    return {int(pid) for pid in listed.split()}


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another process begins or ends: nothing else to await
            await asyncio.sleep(0.01)


@pytest.fixture
def bench():
    return Bench(Settings())


async def test_the_process_of_dropped_work_ends(bench):
    before = children()
    request = pb.ValidateRequest(content=sent(files("1")))
    running = asyncio.create_task(bench.work(request, pb.ValidateResponse, "zh"))
    await until(lambda: children() - before)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert children() == before


async def test_a_job_that_dies_is_a_fault_of_ours(service):
    before = children()
    running = asyncio.create_task(
        refused(call(service, "Validate", pb.ValidateRequest(content=sent(files("1")))))
    )
    await until(lambda: children() - before)
    for pid in children() - before:
        os.kill(pid, signal.SIGKILL)
    status = await running
    assert (status.code, status.reason) == ("INTERNAL", "INTERNAL")


async def test_a_job_that_takes_too_long_is_stopped(start, registry):
    service = await start(**registry.settings(), desk_work_s=0.01)
    request = pb.ValidateRequest(context=RequestContext(language=LANGUAGE_EN), content=sent(files("1")))
    status = await refused(call(service, "Validate", request))
    assert (status.code, status.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED.name, "WORK_TOO_LONG")
    assert status.message.startswith("it was not done within 0.01 seconds")


async def test_a_classified_project_is_not_repeated_to_its_caller(service, registry):
    registry.published("1")
    request = pb.SimulateRequest(draft=sent(files("2")))
    request.review_requests.append(application(1, classified=True, region_code="机密市"))
    answer = await call(service, "Simulate", request)
    assert [(each.field, each.description) for each in answer.refused] == [("review_requests[0]", "")]
