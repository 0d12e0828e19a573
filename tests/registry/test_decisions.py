"""Decisions that durable-rules could not take keep a bundle out."""

from __future__ import annotations

import shutil
from pathlib import Path

from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.registry.decisions import decision_faults
from rules_service.registry.registry import Registry

RULESETS = Path(__file__).parents[2] / "rulesets"
WIDE = """
- id: DEC-WIDE
  service: assess
  title: {zh: 过宽, en: Too wide}
  when:
    - {finding: {outcome: FAIL}, as: first}
    - {finding: {outcome: INDETERMINATE}, as: second}
  joins: [[first.subject, second.subject]]
  then: {action: REMIND}
  priority: 1
"""


def _with_wide_join(folder: Path) -> Path:
    copied = folder / "rulesets"
    shutil.copytree(RULESETS, copied)
    (copied / "national" / "decisions" / "wide.yaml").write_text(WIDE, encoding="utf-8")
    return copied


def test_the_shipped_decisions_are_within_limits() -> None:
    """The rulesets of the project hold no decision that the engine must not be given."""
    assert decision_faults(compile_bundle(read_ruleset(RULESETS))) == []


def test_a_join_that_would_multiply_is_named_with_its_place(tmp_path: Path) -> None:
    """A join that is not on the rule is refused, with file and line of the decision."""
    faults = decision_faults(compile_bundle(read_ruleset(_with_wide_join(tmp_path))))
    assert [(fault.code, fault.file, fault.line) for fault in faults] == [
        ("DEC-WIDE-JOIN", "national/decisions/wide.yaml", 2)
    ]


def test_such_a_bundle_is_not_taken_over(tmp_path: Path) -> None:
    """The registry reports the fault and stays without the bundle."""
    reports = []
    registry = Registry([_with_wide_join(tmp_path)], None, reports.append)
    assert not registry.current().is_ready
    assert [item.code for report in reports for item in report.diagnostics] == ["DEC-WIDE-JOIN"]
