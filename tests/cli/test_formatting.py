"""`rules fmt`: only expressions change, and formatting twice changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rules_service.cli.formatting import format_ruleset
from rules_service.model.ruleset import parse_ruleset

CASES = YAML(typ="safe").load(Path(__file__).parents[1] / "testdata" / "cli" / "formatting.yaml")

HEAD = b"""id: t
title: {zh: t, en: t}
version: "1"
root: r
"""
REGIONS = b"""- {code: r, name: {zh: r, en: r}}
"""
CHECK = """- id: T-01
  version: "1"
  family: f
  service: review
  subject: project
  title: {{zh: t, en: t}}
{body}
  message: {{zh: m, en: m}}
  remedy: {{zh: m, en: m}}
  basis:
    - {{document: d, proof: M}}
"""
SEVERITY = "  severity:\n    - {level: WARN}\n"


def formatted(body: str) -> tuple[str, str]:
    """A check before and after."""
    before = CHECK.format(body=body.rstrip("\n"))
    files = {"ruleset.yaml": HEAD, "regions.yaml": REGIONS, "national/checks/f.yaml": before.encode()}
    source, diagnostics = parse_ruleset(files)
    assert source is not None, diagnostics
    changed = format_ruleset(source).changed
    return before, changed.get("national/checks/f.yaml", before.encode()).decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_each_case(case):
    _, after = formatted(case["before"])
    assert after == CHECK.format(body=case.get("after", case["before"]).rstrip("\n"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_formatting_twice_changes_nothing(case):
    _, after = formatted(case.get("after", case["before"]))
    assert after == CHECK.format(body=case.get("after", case["before"]).rstrip("\n"))
