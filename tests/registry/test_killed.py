"""kill -9 in the middle of a publish: the old or the new version answers, never another; the log is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry.desk import address_of  # isort: skip

from rules_service.registry.signing import SigningKey

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("sqlite", 12),
        ("postgresql", 12),
        pytest.param("sqlite", 300, marks=pytest.mark.long),
        pytest.param("postgresql", 100, marks=pytest.mark.long),
    ],
)
def test_killed_publishers(tmp_path: Path, kind: str, times: int) -> None:
    """In a process without gRPC and threads, which forks well; what it asserts is in there."""
    key = tmp_path / "desk.key"
    key.touch(0o600)
    key.write_bytes(SigningKey.new().private_pem())
    with address_of(kind, tmp_path) as address:
        text = address._url.render_as_string(hide_password=False)
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.registry.killed_publisher",
                text,
                key,
                str(times),
                tmp_path / "state",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    came = dict(part.split(":") for part in ran.stdout.split())
    assert sum(map(int, came.values())) == times
    print(ran.stdout)  # noqa: T201 - how far they came
