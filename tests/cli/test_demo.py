"""`rules-service demo` as a user runs it: the table, exit code 0, and no process left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARK = "RULES_SERVICE_TEST_MARK"


def marked(mark: str) -> list[str]:
    """Processes that were started with the mark in their environment, and still run."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"{MARK}={mark}".encode() in environment.read_bytes().split(b"\0"):
                found.append((environment.parent / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_the_demo_answers_all_samples_and_leaves_nothing_behind(tmp_path):
    mark = tmp_path.as_posix()
    environment = os.environ | {MARK: mark, "LANG": "C"}
    command = [sys.executable, "-m", "rules_service.cli", "demo"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False, timeout=300)
    out = done.stdout.decode("utf-8")
    assert done.returncode == 0, done.stderr.decode()
    assert "绩效目标审核" in out
    assert "退回修改" in out
    assert "转人工" in out
    assert "错误：" not in out
    assert marked(mark) == []
