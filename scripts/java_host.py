"""Build the Java host of deploy/java-host with Debian's packages, and check it against the service.

Usage: `python scripts/java_host.py`, or with `--deps` to show how to install the packages. Without
them the check is skipped, and says so. The same request goes to the service from Java and to the
command line: decision, findings and digest must be the same. Then the service is stopped: no answer
must not look like one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from hosting import FAULTY_FIELDS, HOST, ROOT, CheckError, Service, expect, service

from rules_service.pb.budget.rules.v1.result_pb2 import Decision, Outcome
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRecord

BUILD = ROOT / "build" / "java-host"
PLUGIN = Path("/usr/bin/grpc_java_plugin")
JARS = Path("/usr/share/java")

NETTY = ("buffer", "codec", "codec-http", "codec-http2", "common", "handler", "resolver", "transport")
# Debian package → what it must have put there.
NEEDED = {
    "default-jdk-headless": ["javac", "java"],
    "protobuf-compiler": ["protoc"],
    "libprotobuf-dev": ["/usr/include/google/protobuf/descriptor.proto"],
    "protobuf-compiler-grpc-java-plugin": [str(PLUGIN)],
    "libgrpc-java": [
        f"grpc-{name}.jar"
        for name in ("api", "context", "core", "netty", "protobuf", "protobuf-lite", "stub")
    ],
    "libprotobuf-java": ["protobuf.jar", "protobuf-util.jar"],
    "libgoogle-common-protos-java": ["proto-google-common-protos.jar"],
    "libgoogle-gson-java": ["gson.jar"],
    "libguava-java": ["guava.jar"],
    "libnetty-java": [f"netty-{name}.jar" for name in NETTY],
    "libperfmark-java": ["perfmark-api.jar", "perfmark-impl.jar"],
}
# Generous: a fresh JVM on a busy machine. The host's own figure is in its configuration.
DEADLINE_MS = "20000"
JAVA_S = 120


def missing_packages() -> list[str]:
    """Return the Debian packages of which something is not there."""

    def there(name: str) -> bool:
        if name.endswith(".jar"):
            return (JARS / name).exists()
        return shutil.which(name) is not None or Path(name).is_file()

    return [package for package, names in NEEDED.items() if not all(map(there, names))]


def class_path() -> str:
    """Return the jars of Debian's packages and what was compiled here."""
    jars = [str(JARS / name) for names in NEEDED.values() for name in names if name.endswith(".jar")]
    return ":".join([*jars, str(BUILD / "classes")])


def build() -> None:
    """Compile the contract and the host, as Java 8."""
    shutil.rmtree(BUILD, ignore_errors=True)
    generated, classes = BUILD / "generated", BUILD / "classes"
    generated.mkdir(parents=True)
    classes.mkdir()
    protos = sorted(path.relative_to(ROOT / "proto").as_posix() for path in (ROOT / "proto").rglob("*.proto"))
    outputs = [f"--java_out={generated}", f"--grpc-java_out={generated}"]
    plugin = f"--plugin=protoc-gen-grpc-java={PLUGIN}"
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", plugin, *outputs, *protos], check=True)
    # Java 8 is what many host systems run; newer compilers warn that it is old, which is known.
    common = ["javac", "-encoding", "UTF-8", "--release", "8", "-d", str(classes), "-classpath", class_path()]
    subprocess.run([*common, "-nowarn", "-Xlint:-options", *sources(generated)], check=True)
    strict = ["-Xlint:all,-options,-processing", "-Werror"]
    subprocess.run([*common, *strict, *sources(HOST / "src")], check=True)


def sources(folder: Path) -> list[str]:
    """Return the Java files under `folder`."""
    return [str(path) for path in sorted(folder.rglob("*.java"))]


def java(
    address: str, request: str, when_down: str = "FAIL_CLOSED"
) -> tuple[int, dict[str, list[list[str]]]]:
    """Run the host; return its exit code and its lines by name."""
    command = [
        *("java", "-XX:TieredStopAtLevel=1", "-classpath", class_path(), "cn.gov.budget.host.HostSystem"),
        *(address, str(HOST / request), DEADLINE_MS, when_down),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=JAVA_S)
    lines: dict[str, list[list[str]]] = {}
    for line in done.stdout.splitlines():
        name, *values = line.split("\t")
        lines.setdefault(name, []).append(values)
    if "state" not in lines:
        raise CheckError(f"the host ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.returncode, lines


def check_answer(running: Service) -> None:
    """Send the sample from Java and from the command line and compare."""
    code, host = java(running.address, "request.json")
    [record] = running.command_line(ReviewRecord, [HOST / "request.json"])
    answer = record.response
    decision = Decision.Name(answer.decision)
    expect("exit code", code, 0)
    expect("reviewed", host["reviewed"], [["true"]])
    expect("hash of the rules", host["hash"], [[answer.stamp.hash]])
    expect("decision", host["decision"], [[decision]])
    expect("verdict", host["verdict"], [[answer.verdict.label]])
    expect("digest", host["digest"], [[answer.digest]])
    findings = [
        (finding.rule_id, Outcome.Name(finding.outcome), finding.path, finding.message)
        for finding in answer.findings
    ]
    seen = [(rule, outcome, path, text) for rule, outcome, _, path, text in host.get("finding", [])]
    expect("findings", seen, findings)
    print(f"Java and the command line agree: {decision}, {len(findings)} findings, {answer.digest}")


def check_refusal(address: str) -> None:
    """Send a faulty request: it is refused with each faulty field, and is not a review."""
    code, host = java(address, "faulty.json")
    expect("exit code", code, 2)
    expect("state", host["state"], [["FAULTY"]])
    expect("status", host["status"], [["INVALID_ARGUMENT"]])
    paths = sorted(values[0].partition(": ")[0] for values in host.get("violation", []))
    expect("violations", paths, FAULTY_FIELDS)
    print("A faulty request is refused with its fields:", ", ".join(paths))


def check_silence(address: str) -> None:
    """Call a service that is not there, under both choices."""
    for when_down, state in (("FAIL_CLOSED", "HELD_UNREVIEWED"), ("FAIL_OPEN", "PASSED_ON_UNREVIEWED")):
        code, host = java(address, "request.json", when_down)
        expect("exit code", code, 3)
        expect("state", host["state"], [[state]])
        expect("reviewed", host["reviewed"], [["false"]])
        expect("status", host["status"], [["UNAVAILABLE"]])
        expect("decision", host.get("decision"), None)
        print(f"Without the service, {when_down}: {state}, not reviewed.")


def main() -> int:
    """Check or show the packages; return the exit code."""
    if "--deps" in sys.argv[1:]:
        print("apt-get install --no-install-recommends", *NEEDED)
        return 0
    missing = missing_packages()
    if missing:
        print(f"make test-java skipped: Debian packages missing: {' '.join(missing)}. See: make java-deps")
        return 0
    try:
        build()
        with service() as running:
            check_answer(running)
            check_refusal(running.address)
        check_silence(running.address)
    except (CheckError, subprocess.SubprocessError) as error:
        print(f"make test-java failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
