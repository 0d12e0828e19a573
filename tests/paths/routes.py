"""The ways on which requests can be answered; each takes many, and gives an answer or refusal for each."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import orjson
from click.testing import CliRunner
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from rules_service import api
from rules_service.cli.main import main
from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2_grpc, review_service_pb2_grpc
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import (
    AssessRecord,
    AssessRequest,
    AssessResponse,
)
from rules_service.pb.budget.rules.v1.review_service_pb2 import (
    ReviewBatchRequest,
    ReviewRecord,
    ReviewRequest,
    ReviewResponse,
)
from rules_service.server.account import make_metrics
from rules_service.server.app import App
from rules_service.server.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 300  # never reached unless something hangs
BATCH = 200
RECORDS_A_FILE = 400  # files of records may have 64 MiB

Request = ReviewRequest | AssessRequest
Answer = ReviewResponse | AssessResponse
Record = ReviewRecord | AssessRecord


@dataclass(frozen=True, slots=True)
class Refused:
    """No answer: what kind of refusal, and all violations as ``path CODE`` (``told`` by a command line)."""

    kind: str = ""
    violations: tuple[str, ...] = ()
    told: str = ""


Result = Answer | Refused
Route = Callable[[Sequence[Request]], list[Result | None]]


def record(request: Request, answer: Answer) -> Record:
    """What a host keeps of a review or an assessment."""
    kind = ReviewRecord if isinstance(request, ReviewRequest) else AssessRecord
    return kind(request=request, response=answer)


# -- Python ------------------------------------------------------------------------------------------


def _refused(error: api.RulesError) -> Refused:
    violations = error.violations if isinstance(error, api.InvalidRequest) else ()
    return Refused(type(error).__name__, tuple(f"{one.path} {one.code}" for one in violations))


def by_python(rules: api.Rules) -> Route:
    """The Python API."""

    def answer(request: Request) -> Result:
        try:
            if isinstance(request, ReviewRequest):
                return rules.review(request)
            return rules.assess(request)
        except api.RulesError as error:
            return _refused(error)

    return lambda requests: [answer(request) for request in requests]


def by_replay(rules: api.Rules) -> Route:
    """A record of the answer, written and read as JSON, and answered anew."""
    ask = by_python(rules)

    def answer(request: Request) -> Result:
        first = ask([request])[0]
        if first is None or isinstance(first, Refused):
            return Refused()  # there is nothing to replay
        kept = record(request, first)
        text = json_format.MessageToJson(kept)
        return rules.replay(json_format.Parse(text, type(kept)()))

    return lambda requests: [answer(request) for request in requests]


# -- gRPC --------------------------------------------------------------------------------------------

_REASONS = {
    "INVALID_REQUEST": "InvalidRequest",
    "UNKNOWN_PIN": "NotFound",
    "PIN_CONTRADICTION": "PinContradiction",
    "UNKNOWN_REGION": "UnknownRegion",
}
_CODES = {grpc.StatusCode.INVALID_ARGUMENT.value[0]: "", grpc.StatusCode.NOT_FOUND.value[0]: "NotFound"}


@dataclass
class Served:
    """A service in this process, on a port of its own, and what a test looks at."""

    channel: grpc.Channel
    metrics: Metrics

    def review(self, requests: Sequence[Request]) -> list[Result | None]:
        """``Review`` and ``Assess``, one call a request."""
        reviews = review_service_pb2_grpc.ReviewServiceStub(self.channel)
        reports = monitoring_service_pb2_grpc.MonitoringServiceStub(self.channel)
        made: list[Result | None] = []
        for request in requests:
            call = reviews.Review if isinstance(request, ReviewRequest) else reports.Assess
            try:
                made.append(call(request, timeout=TIMEOUT_S))
            except grpc.RpcError as error:
                made.append(_of_status(error))
        return made

    def batch(self, requests: Sequence[Request]) -> list[Result | None]:
        """``ReviewBatch``; assessments have no batch."""
        stub = review_service_pb2_grpc.ReviewServiceStub(self.channel)
        made: list[Result | None] = [None] * len(requests)
        places = [place for place, request in enumerate(requests) if isinstance(request, ReviewRequest)]
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            batch = ReviewBatchRequest(requests=[requests[place] for place in part])
            results = stub.ReviewBatch(batch, timeout=TIMEOUT_S).results
            for place, result in zip(part, results, strict=True):
                violations = tuple(f"{one.field} {one.code}" for one in result.violations)
                made[place] = Refused(_CODES[result.code], violations) if result.code else result.response
        return made


def _of_status(error: Any) -> Refused:
    details = {any_.TypeName(): any_ for any_ in rpc_status.from_call(error).details}
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    details["google.rpc.ErrorInfo"].Unpack(info)
    if "google.rpc.BadRequest" in details:
        details["google.rpc.BadRequest"].Unpack(bad)
    kind = _REASONS[info.reason]
    violations = tuple(f"{one.field} {one.reason}" for one in bad.field_violations)
    return Refused(kind, violations if kind == "InvalidRequest" else ())


class _Backend:
    def __init__(self, rules: api.Rules) -> None:
        self._rules = rules

    def reviewer(self) -> api.Reviewer:
        return self._rules.snapshot()


@contextmanager
def served(rules: api.Rules, metrics: Metrics | None = None) -> Iterator[Served]:
    """A service over ``rules`` in a thread of this process; ended at the end, the rules are left open."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="test-service")
    thread.start()

    def wait(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(TIMEOUT_S)

    counted = metrics or make_metrics()

    async def begin() -> tuple[App, int]:
        settings = Settings(port=0)
        app = App(_Backend(rules), settings, counted, LineLog(io.BytesIO(), "error"))
        port = await app.start()
        await app.serving(True)
        return app, port

    try:
        app, port = wait(begin())
        try:
            options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
                yield Served(channel, counted)
        finally:
            wait(app.drain(None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()


# -- the command line --------------------------------------------------------------------------------

_VERBS = {ReviewRequest: "review", AssessRequest: "assess"}


def _in_process(arguments: list[str]) -> tuple[bytes, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout_bytes, result.stderr


def _as_process(arguments: list[str]) -> tuple[bytes, str]:
    command = [sys.executable, "-m", "rules_service.cli", *arguments]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        command, capture_output=True, timeout=TIMEOUT_S, check=False, cwd=PROJECT, env=environment
    )
    told = done.stderr.decode()
    assert "Traceback" not in told, told
    return done.stdout, told


def _lines(file: Path, messages: Sequence[Any]) -> None:
    documents = [json_format.MessageToDict(one, preserving_proto_field_name=True) for one in messages]
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in documents))


def _documents(output: bytes) -> list[dict[str, Any]]:
    try:
        return [orjson.loads(output)] if output else []
    except orjson.JSONDecodeError:
        return [orjson.loads(line) for line in output.splitlines()]


def by_command(roots: Sequence[Path], folder: Path, *, process: bool = False) -> Route:
    """``rules-service review|assess --format json`` on one file of all requests, which need different ids."""
    run = _as_process if process else _in_process
    places = [part for root in roots for part in ("--rulesets", str(root))]

    def answer(requests: Sequence[Request]) -> list[Result | None]:
        made: list[Result | None] = [None] * len(requests)
        for kind, verb in _VERBS.items():
            own = [place for place, request in enumerate(requests) if isinstance(request, kind)]
            if not own:
                continue
            file = folder / f"{verb}.jsonl"
            _lines(file, [requests[place] for place in own])
            output, told = run([verb, str(file), "--format", "json", "--lang", "en", *places])
            record_of = {
                one["request"]["context"]["request_id"]: one["response"] for one in _documents(output)
            }
            for line, place in enumerate(own, start=1):
                request = requests[place]
                found = record_of.get(request.context.request_id)
                if found is None:
                    lines = [each for each in told.splitlines() if each.startswith(f"{file}:{line}:")]
                    made[place] = Refused(told="\n".join(lines))
                else:
                    response = ReviewResponse() if kind is ReviewRequest else AssessResponse()
                    made[place] = json_format.ParseDict(found, response)
        return made

    return answer


def replayed(
    roots: Sequence[Path], folder: Path, records: Sequence[Record], *, process: bool = False
) -> list[tuple[str, str]]:
    """``rules-service review|assess --replay``: the digest of each record and that of its replay."""
    run = _as_process if process else _in_process
    places = [part for root in roots for part in ("--rulesets", str(root))]
    made = []
    for kind, verb in ((ReviewRecord, "review"), (AssessRecord, "assess")):
        own = [one for one in records if isinstance(one, kind)]
        if own:
            files = []
            for start in range(0, len(own), RECORDS_A_FILE):
                files.append(folder / f"{verb}-records-{start}.jsonl")
                _lines(files[-1], own[start : start + RECORDS_A_FILE])
            output, told = run([verb, *map(str, files), "--replay", "--format", "json", *places])
            assert not told, told
            # One document is indented over many lines, several come one a line.
            texts = [output] if len(own) == 1 else output.splitlines()
            made += [(one["before"], one["after"]) for one in map(orjson.loads, texts)]
    return made
