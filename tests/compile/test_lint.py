"""Lint finds every fault of a ruleset, each at its file and line, and nothing else."""

from __future__ import annotations

from typing import Any

from rules_service.compile.texts import CATALOGUE as COMPILING
from rules_service.model.validation import CATALOGUE as READING
from tests.compile.conftest import DATA, PROVINCE, TABLE

LINE = """id: line
title: {zh: 线, en: Line}
kind: score
operator: GE
source: sourced
proof: V
document: 测试办法
values: {2015-01-01: 60}
"""


def test_lint(rulesets: Any, lint_case: dict[str, Any]) -> None:
    """Each case's faults are found at once, with file and line."""
    found = [f"{item.code}@{item.file}:{item.line}" for item in rulesets.faults(lint_case)]
    assert sorted(lint_case["expect"]) == sorted(found)


def test_locks(rulesets: Any, locks_case: dict[str, Any]) -> None:
    """A locked thing is not switched off, not lowered, and moves only in its stricter direction."""
    city = rulesets.base["overlays/省甲/市乙/overlay.yaml"].decode()
    start = city.index("set:")
    edits = {
        "overlays/省甲/市乙/overlay.yaml": city[:start] + locks_case["city"] + "\n",
        "overlays/省甲/overlay.yaml": rulesets.base["overlays/省甲/overlay.yaml"].decode()
        + f"lock: {locks_case['lock']}\n",
    }
    if "extra" in locks_case:  # a check that is raised to RETURN must say what an empty parameter means
        gates = rulesets.base["national/checks/gates.yaml"].decode()
        edits["national/checks/gates.yaml"] = gates.replace(
            "  severity: [{level: WARN}]", "  severity: [{level: WARN}]\n  when_empty: dormant"
        )
    found = [item.code for item in rulesets.faults({"add": edits})]
    assert locks_case["expect"] == found


def test_one_code_one_text() -> None:
    """The codes of reading and of compiling are distinct."""
    assert not READING.codes() & COMPILING.codes()


def test_sheets(rulesets: Any, sheets_case: dict[str, Any]) -> None:
    """Each fault of a score sheet is found, at its line."""
    sheet = (DATA / "sheet.yaml").read_text("utf-8")
    for edit in sheets_case.get("edit", []):
        assert sheet.count(edit["old"]) == 1, f"{edit['old']!r} must occur once"
        sheet = sheet.replace(edit["old"], edit["new"])
    added = {"national/scoresheets/s.yaml": sheet, "national/parameters/line.yaml": LINE}
    if "lock" in sheets_case:
        province = rulesets.base[PROVINCE].decode()
        added[PROVINCE] = province + sheets_case["lock"] + "\n"
    found = rulesets.faults({"add": added | sheets_case.get("add", {})})
    told = [f"{item.code}@{item.file.removeprefix('national/scoresheets/s.yaml')}" for item in found]
    shown = [
        f"{text}{':' if text[-1] != '@' else ''}{item.line}" for text, item in zip(told, found, strict=True)
    ]
    assert sorted(sheets_case["expect"]) == sorted(shown)


def test_decision_tables(rulesets: Any, decision_tables_case: dict[str, Any]) -> None:
    """Each fault of a decision table is found, at its line."""
    assert sorted(decision_tables_case["expect"]) == sorted(
        f"{item.code}@{item.file}:{item.line}".replace(f"@{TABLE}:", "@")
        for item in rulesets.faults(rulesets.with_table(decision_tables_case))
    )
