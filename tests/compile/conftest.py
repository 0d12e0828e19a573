"""A small ruleset that cases change: its files, edited in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.compile.bundle import Bundle, compile_bundle, lint
from rules_service.compile.sources import collect_files
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.ruleset import parse_ruleset

DATA = Path(__file__).parents[1] / "testdata" / "compile"
CITY = "overlays/省甲/市乙/overlay.yaml"
TABLE = "national/tables/norms.yaml"
PROVINCE = "overlays/省甲/overlay.yaml"


class Rulesets:
    """Makes variants of the ruleset in ``testdata/compile/base``."""

    def __init__(self) -> None:
        self.base, _ = collect_files(DATA / "base")

    def files(self, case: dict[str, Any]) -> dict[str, bytes]:
        """The base with a case's changes: ``edit``, ``add``, ``drop``."""
        files = dict(self.base)
        for edit in case.get("edit", []):
            text = files[edit["file"]].decode()
            assert text.count(edit["old"]) == 1, f"{edit['old']!r} must occur once in {edit['file']}"
            files[edit["file"]] = text.replace(edit["old"], edit["new"]).encode()
        files |= {path: text.encode() for path, text in case.get("add", {}).items()}
        for path in case.get("drop", []):
            del files[path]
        return files

    def with_table(self, case: dict[str, Any]) -> dict[str, Any]:
        """A case of decision tables as changes of the base: the table, a check that reads it, and files."""
        table = (DATA / "decision_table.yaml").read_text("utf-8")
        for edit in case.get("edit", []):
            assert table.count(edit["old"]) == 1, f"{edit['old']!r} must occur once"
            table = table.replace(edit["old"], edit["new"])
        added = {TABLE: table, "national/checks/tables.yaml": (DATA / "table_check.yaml").read_text("utf-8")}
        if "lock" in case:
            added[PROVINCE] = self.base[PROVINCE].decode() + case["lock"] + "\n"
        return {"add": added | case.get("add", {})}

    def faults(self, case: dict[str, Any]) -> list[Diagnostic]:
        """Everything that reading and lint say of a variant."""
        source, found = parse_ruleset(self.files(case))
        return found if source is None else lint(source)

    def bundle(self, case: dict[str, Any]) -> Bundle:
        """A variant without errors, compiled."""
        source, found = parse_ruleset(self.files(case))
        assert source is not None, found
        return compile_bundle(source)


@pytest.fixture(scope="session")
def rulesets() -> Rulesets:
    return Rulesets()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An argument ``x_case`` runs the test for every case of ``testdata/compile/x.yaml``."""
    for name in metafunc.fixturenames:
        if name.endswith("_case"):
            path = DATA / f"{name.removesuffix('_case')}.yaml"
            cases = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
            names = [case["name"] for case in cases]
            assert len(set(names)) == len(names), f"{path.name}: case names must differ"
            metafunc.parametrize(name, cases, ids=names)
