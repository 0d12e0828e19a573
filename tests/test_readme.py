"""The Python example of both READMEs prints what stands below it, and the paths they name exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
EXAMPLE = re.compile(r"```python\n(.*?)```\s+```\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)\)")


@pytest.mark.parametrize("name", READMES)
def test_the_example_prints_what_is_shown(name):
    [(code, shown)] = EXAMPLE.findall((ROOT / name).read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr) == (shown, "")


@pytest.mark.parametrize("name", READMES)
def test_what_is_linked_exists(name):
    links = LINK.findall((ROOT / name).read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
