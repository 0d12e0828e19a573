"""Build the Java host of deploy/java-host with Debian's packages, and check it against the service.

Usage: `python scripts/java_host.py`, or with `--deps` to show how to install the packages. Without
them the check is skipped, and says so. The same request goes to the service from Java and to the
command line: decision, findings and digest must be the same. Then the service is stopped: no answer
must not look like one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = ROOT / "deploy" / "java-host"
BUILD = ROOT / "build" / "java-host"
SERVICE = [str(ROOT / ".venv" / "bin" / "python"), "-m", "rules_service.cli"]
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
START_SECONDS = 60
STOP_SECONDS = 30
DEADLINE_MS = (
    "20000"  # generous: a fresh JVM on a busy machine; the host's own figure is in its configuration
)


class CheckError(Exception):
    """A check that did not hold, in words."""


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


@contextmanager
def service() -> Iterator[int]:
    """Start the service on a free port; give the port; stop it and see that it ends well."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        command = [*SERVICE, "serve", "--port", "0", "--port-file", str(port_file)]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        try:
            yield wait_for_port(process, port_file)
            process.terminate()
            if process.wait(STOP_SECONDS) != 0:
                raise CheckError(f"the service ended with {process.returncode} when asked to stop")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for_port(process: subprocess.Popen[bytes], port_file: Path) -> int:
    """Wait until the service has written its port."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise CheckError(f"the service ended with {process.returncode} before it was ready")
        text = port_file.read_text(encoding="ascii").strip() if port_file.exists() else ""
        if text:
            return int(text)
        time.sleep(0.05)
    raise CheckError(f"the service wrote no port within {START_SECONDS} s")


def java(port: int, request: str, when_down: str = "FAIL_CLOSED") -> tuple[int, dict[str, list[list[str]]]]:
    """Run the host; return its exit code and its lines by name."""
    command = [
        *("java", "-XX:TieredStopAtLevel=1", "-classpath", class_path(), "cn.gov.budget.host.HostSystem"),
        *(f"127.0.0.1:{port}", str(HOST / request), DEADLINE_MS, when_down),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    lines: dict[str, list[list[str]]] = {}
    for line in done.stdout.splitlines():
        name, *values = line.split("\t")
        lines.setdefault(name, []).append(values)
    if "state" not in lines:
        raise CheckError(f"the host ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.returncode, lines


def expect(what: str, seen: object, wanted: object) -> None:
    """Compare; a difference ends the check."""
    if seen != wanted:
        raise CheckError(f"{what}: {seen!r}, expected {wanted!r}")


def check_answer(port: int) -> None:
    """Send the sample from Java and from the command line and compare."""
    code, host = java(port, "request.json")
    command = [*SERVICE, "review", str(HOST / "request.json"), "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    answer = json.loads(done.stdout)
    expect("exit code", code, 0)
    expect("reviewed", host["reviewed"], [["true"]])
    expect("decision", host["decision"], [[answer["decision"]]])
    expect("digest", host["digest"], [[answer["digest"]]])
    findings = [(finding["ruleId"], finding["outcome"]) for finding in answer.get("findings", [])]
    expect("findings", [(values[0], values[1]) for values in host.get("finding", [])], findings)
    print(
        f"Java and the command line agree: {answer['decision']}, {len(findings)} findings, {answer['digest']}"
    )


def check_refusal(port: int) -> None:
    """Send a faulty request: it is refused with each faulty field, and is not a review."""
    code, host = java(port, "faulty.json")
    expect("exit code", code, 2)
    expect("state", host["state"], [["FAULTY"]])
    expect("status", host["status"], [["INVALID_ARGUMENT"]])
    paths = sorted(values[0].partition(": ")[0] for values in host.get("violation", []))
    expect("violations", paths, ["project.duration_start", "project.goals[0].indicators[0].weight"])
    print("A faulty request is refused with its fields:", ", ".join(paths))


def check_silence(port: int) -> None:
    """Call a service that is not there, under both choices."""
    for when_down, state in (("FAIL_CLOSED", "HELD_UNREVIEWED"), ("FAIL_OPEN", "PASSED_ON_UNREVIEWED")):
        code, host = java(port, "request.json", when_down)
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
        with service() as port:
            check_answer(port)
            check_refusal(port)
        check_silence(port)
    except (CheckError, subprocess.SubprocessError) as error:
        print(f"make test-java failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
