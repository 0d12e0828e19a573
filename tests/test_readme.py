"""The commands and the example of both READMEs print what stands below them; the paths they name exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
EXAMPLE = re.compile(r"```python\n(.*?)```\s+```\n(.*?)```", re.DOTALL)
REVIEW = re.compile(r"\.venv/bin/(rules-service review \S+)\s+```\n(.*?)```", re.DOTALL)
# Which ruleset answered, and the digest: they change with each word of a rule.
CHANGING = re.compile(r"\b[0-9a-f]{12}\b")
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


@pytest.mark.parametrize("name", READMES)
def test_the_review_prints_what_is_shown(name):
    """A line may be cut short with “…”; hashes and digests are not compared."""
    [(command, shown)] = REVIEW.findall((ROOT / name).read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "rules_service.cli", *command.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    printed = [CHANGING.sub("", line.rstrip(" ─")) for line in done.stdout.splitlines()]
    missing = [
        line
        for line in CHANGING.sub("", shown).splitlines()
        if not any(
            text.startswith(line.removesuffix(" …")) if line.endswith("…") else text == line
            for text in printed
        )
    ]
    assert missing == []
