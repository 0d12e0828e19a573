"""Check that a host that has no file of ours gets the command line's answers, through reflection.

Usage: `python scripts/contract.py` (`make test-contract`). `buf curl` learns the contract from the
running service. The services told are those of the contract; the same request gets the same answer,
digest included, from the service and from the command line; a faulty one is refused by field.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from google.protobuf import json_format
from google.rpc import error_details_pb2
from hosting import FAULTY_FIELDS, HOST, ROOT, CheckError, Record, Service, expect, registry_service, service

from rules_service.pb.budget.rules.v1 import (
    library_service_pb2,
    monitoring_service_pb2,
    result_pb2,
    review_service_pb2,
    ruleset_service_pb2,
)
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRecord
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRecord

BUF = ROOT / ".venv" / "bin" / "buf"
PACKAGE = "budget.rules.v1."
INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED = 3 << 3, 7 << 3, 16 << 3
"""`buf curl` ends with the status code, shifted by three bits."""
CALL_S = 60
SAMPLES = ROOT / "samples"
# One request of a host, one published table as it stands and completed.
REVIEWS = (
    HOST / "request.json",
    SAMPLES / "review" / "G001.json",
    SAMPLES / "review" / "G001-completed.json",
)
REPORTS = (SAMPLES / "assess" / "M002.json", SAMPLES / "assess" / "M002-completed.json")


def buf_curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `buf curl` over gRPC."""
    command = [str(BUF), "curl", "--protocol", "grpc", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=CALL_S
    )


def call(address: str, method: str, file: Path) -> subprocess.CompletedProcess[str]:
    """Send the request in `file` to a method of the contract."""
    return buf_curl("--data", f"@{file}", f"http://{address}/{PACKAGE}{method}")


def check_methods(address: str, *others: ModuleType) -> None:
    """Reflection names exactly the methods of the contract; ``others`` are there with a registry only."""
    done = buf_curl("--list-methods", f"http://{address}")
    expect("exit code of --list-methods", (done.returncode, done.stderr), (0, ""))
    told = sorted(line for line in done.stdout.splitlines() if line.startswith(PACKAGE))
    modules = (review_service_pb2, monitoring_service_pb2, library_service_pb2, *others)
    files = [module.DESCRIPTOR for module in modules]
    services = [service for file in files for service in file.services_by_name.values()]
    wanted = sorted(
        f"{service.full_name}/{method.name}" for service in services for method in service.methods
    )
    expect("methods", told, wanted)
    print("Reflection names the methods of the contract:", ", ".join(told))


def check_same(running: Service, method: str, kind: type[Record], files: Sequence[Path]) -> None:
    """The service answers as the command line does; only who drew the conclusions may differ."""
    for file, record in zip(files, running.command_line(kind, files), strict=True):
        wanted = record.response
        done = call(running.address, method, file)
        if done.returncode != 0:
            raise CheckError(f"{method} {file.name}: {done.stderr}")
        seen = json_format.Parse(done.stdout, type(wanted)())
        for answer in (seen, wanted):
            answer.stamp.ClearField("concluded_by")
        expect(f"{method} {file.name}: digest", seen.digest, wanted.digest)
        fields = [field.name for field in seen.DESCRIPTOR.fields]
        different = [name for name in fields if getattr(seen, name) != getattr(wanted, name)]
        expect(f"{method} {file.name}: fields that differ", different, [])
        print(f"{method} {file.name}: {headline(wanted)}, {len(wanted.findings)} findings, {wanted.digest}")


def headline(answer: Any) -> str:
    """Return the decision of a review, the level of an assessment."""
    if isinstance(answer, review_service_pb2.ReviewResponse):
        return result_pb2.Decision.Name(answer.decision)
    return result_pb2.Severity.Name(answer.level)


def check_refusal(address: str) -> None:
    """A faulty request is refused with all its faulty fields."""
    done = call(address, "ReviewService/Review", HOST / "faulty.json")
    expect("exit code for a faulty request", done.returncode, INVALID_ARGUMENT)
    error = json.loads(done.stderr)
    expect("code", error["code"], "invalid_argument")
    bad = error_details_pb2.BadRequest()
    for detail in error["details"]:
        if detail["type"] == bad.DESCRIPTOR.full_name:
            # The text leaves out the padding that the decoder wants.
            bad.ParseFromString(base64.b64decode(detail["value"] + "=" * (-len(detail["value"]) % 4)))
    fields = sorted(violation.field for violation in bad.field_violations)
    expect("violations", fields, FAULTY_FIELDS)
    print("A faulty request is refused with its fields:", ", ".join(fields))


def check_desk(address: str, token: str) -> None:
    """A reader sees the versions of the registry, and changes nothing."""
    url, header = f"http://{address}/{PACKAGE}RulesetService", f"authorization: Bearer {token}"
    done = buf_curl("-H", header, "--data", "{}", f"{url}/ListVersions")
    expect("exit code of ListVersions", (done.returncode, done.stderr), (0, ""))
    answer = json_format.Parse(done.stdout, ruleset_service_pb2.ListVersionsResponse())
    expect("live versions", [order.hash for order in answer.live], [answer.versions[0].hash])
    named = json.dumps({"version": {"version": answer.versions[0].hash}})
    done = buf_curl("-H", header, "--data", named, f"{url}/Approve")
    expect("exit code of a reader's Approve", done.returncode, PERMISSION_DENIED)
    done = buf_curl("--data", named, f"{url}/Approve")
    expect("exit code of Approve without a token", done.returncode, UNAUTHENTICATED)
    print(
        "RulesetService tells the live version",
        answer.versions[0].hash[:12],
        "and lets a reader change nothing",
    )


def main() -> int:
    """Check; return the exit code."""
    try:
        with service() as running:
            check_methods(running.address)
            check_same(running, "ReviewService/Review", ReviewRecord, REVIEWS)
            check_same(running, "MonitoringService/Assess", AssessRecord, REPORTS)
            check_refusal(running.address)
        with registry_service() as (address, token):
            check_methods(address, ruleset_service_pb2)
            check_desk(address, token)
    except (CheckError, json_format.ParseError, subprocess.SubprocessError) as error:
        print(f"make test-contract failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
