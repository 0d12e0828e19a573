"""Who may call RulesetService: the matrix of roles, tokens, and readers without one."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from tests.server.rulesets import TOKENS, Registry, call, files, named, refused, sent  # isort: skip

from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.machine import Role
from rules_service.registry.roles import Roles, token_hash
from rules_service.server.desk_bench import Bench
from rules_service.server.identity import Credentials, caller
from rules_service.server.refusals import Refusal

_FILE = Path(__file__).parents[1] / "testdata" / "server" / "roles_matrix.yaml"
MATRIX = YAML(typ="safe").load(_FILE.read_text("utf-8"))
CALLERS = MATRIX["callers"]


@pytest.fixture
def registry(tmp_path):
    return Registry.make(tmp_path)


@pytest_asyncio.fixture
async def service(start, registry):
    return await start(**registry.settings())


def request_of(method: str, version: pb.VersionRef) -> object:
    """A sound request of a method."""
    content = sent(files("1"))
    fields = {
        "Draft": {"content": content},
        "Validate": {"content": content},
        "Diff": {"old": content, "new": content},
        "Simulate": {"draft": content, "base": content, "assess_requests": [{}]},
    }.get(method, {"version": version})
    kind = getattr(pb, f"{method}Request")
    known = kind.DESCRIPTOR.fields_by_name
    if method == "ListHistory":
        fields = {}
    return kind(**{name: value for name, value in fields.items() if name in known})


def test_the_matrix_names_every_method():
    methods = pb.DESCRIPTOR.services_by_name["RulesetService"].methods_by_name
    assert set(MATRIX["methods"]) == set(methods.keys())
    assert all(len(row) == len(CALLERS) for row in MATRIX["methods"].values())


@pytest.mark.parametrize("who", CALLERS)
async def test_the_matrix(start, registry, monkeypatch, who):
    async def done(_bench, _request, answer, _language):
        return answer()

    monkeypatch.setattr(Bench, "work", done)
    readers = "never" if who == "elsewhere" else "loopback"
    service = await start(**registry.settings(), desk_readers=readers)
    version = named(registry.checked("1"))
    token = {"here": None, "elsewhere": None, "unknown": "nobody's"}.get(who, who)
    for method, row in MATRIX["methods"].items():
        expected = row[CALLERS.index(who)]
        if expected != "may":
            status = await refused(call(service, method, request_of(method, version), token))
            assert (method, status.code) == (method, expected)
            continue
        try:
            await call(service, method, request_of(method, version), token)
        except Exception as error:  # noqa: BLE001 - whoever may call can still come too early
            code = error.code().name
            assert (method, code) == (method, "FAILED_PRECONDITION")


async def test_a_reader_changes_nothing(service, registry):
    version = registry.checked("1")
    before = await call(service, "ListHistory", pb.ListHistoryRequest())
    for method in ("Draft", "Check", "Approve", "Reject", "Publish", "Activate", "RollBack", "Retire"):
        for who in ("reader", None):
            status = await refused(call(service, method, request_of(method, named(version)), who))
            assert status.code in {"PERMISSION_DENIED", "UNAUTHENTICATED"}
    assert await call(service, "ListHistory", pb.ListHistoryRequest()) == before


async def test_a_role_taken_away_or_a_token_changed_counts_at_once(service, registry):
    version = registry.drafted("1")
    roles = registry.folder / "roles.yaml"
    text = roles.read_text("utf-8")
    reject = pb.RejectRequest(version=named(version))
    roles.write_text(text.replace(token_hash(TOKENS["approver"]), token_hash("another")), "utf-8")
    status = await refused(call(service, "Reject", reject, "approver"))
    assert (status.code, status.reason) == ("UNAUTHENTICATED", "TOKEN_UNKNOWN")
    roles.write_text(text.replace("roles: [approver]", "roles: [reader]"), "utf-8")
    status = await refused(call(service, "Reject", reject, "approver"))
    assert (status.code, status.reason) == ("PERMISSION_DENIED", "ROLE_LACKING")
    roles.write_text("approver: [king]\n", "utf-8")
    status = await refused(call(service, "Reject", reject, "approver"))
    assert (status.code, status.reason) == ("FAILED_PRECONDITION", "ROLES_UNUSABLE")
    assert str(registry.folder) not in status.message


ROLES = Roles({"甲": frozenset({Role.EDITOR})}, {"甲": [token_hash("good")]})
HERE, THERE = "ipv4:127.0.0.1:40000", "ipv4:10.1.2.3:40000"


def told(authorization: tuple[str, ...], peer: str, readers: str, *, changes: bool = False) -> str:
    try:
        shown = Credentials(authorization, peer)
        return caller(shown, ROLES, readers, changes=changes, language="zh").name or "reader"
    except Refusal as refusal:
        return refusal.reason


@pytest.mark.parametrize(
    ("authorization", "peer", "readers", "found"),
    [
        (("Bearer good",), THERE, "never", "甲"),
        (("bearer good",), THERE, "never", "甲"),
        (("Bearer bad",), HERE, "anyone", "TOKEN_UNKNOWN"),
        (("Bearer ",), HERE, "loopback", "TOKEN_UNKNOWN"),
        (("Basic good",), HERE, "loopback", "TOKEN_UNKNOWN"),
        (("Bearer good", "Bearer good"), HERE, "loopback", "TOKEN_UNKNOWN"),
        (("Bearer " + "x" * 10_000,), HERE, "loopback", "TOKEN_UNKNOWN"),
        ((), HERE, "loopback", "reader"),
        ((), "ipv6:%5B::1%5D:40000", "loopback", "reader"),
        ((), "ipv6:[::1]:40000", "loopback", "reader"),
        ((), "unix:/run/rules.sock", "loopback", "reader"),
        ((), THERE, "loopback", "TOKEN_MISSING"),
        ((), "ipv4:127.0.0.1.example:1", "loopback", "TOKEN_MISSING"),
        ((), "something", "loopback", "TOKEN_MISSING"),
        ((), THERE, "anyone", "reader"),
        ((), HERE, "never", "TOKEN_MISSING"),
    ],
)
def test_who_a_call_is(authorization, peer, readers, found):
    assert told(authorization, peer, readers) == found


@pytest.mark.parametrize("readers", ["loopback", "anyone", "never"])
def test_without_a_name_nobody_changes_anything(readers):
    assert told((), HERE, readers, changes=True) == "TOKEN_MISSING"
