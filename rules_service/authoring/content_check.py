"""The check of a version before its approval: lint, the limits of decisions, and its own rule tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules_service import __version__, api
from rules_service.authoring.examination import Examination, examine
from rules_service.compile.bundle import compile_bundle, lint
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.ruleset import parse_ruleset
from rules_service.registry.decisions import decision_faults

__all__ = ["Checked", "check_content"]

_MOST_CODES = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; ``tests`` is ``None`` where faults of the files kept them from being run."""

    diagnostics: tuple[Diagnostic, ...]
    tests: Examination | None

    @property
    def ok(self) -> bool:
        """Whether the version may be approved: no error, no failing test."""
        return self.tests is not None and not self.tests.failed

    def body(self) -> dict[str, Any]:
        """What the log says of it."""
        errors = sum(item.is_error for item in self.diagnostics)
        totals = self.tests.totals() if self.tests is not None else {}
        codes = sorted({item.code for item in self.diagnostics})
        return {
            "ok": self.ok,
            "errors": errors,
            "warnings": len(self.diagnostics) - errors,
            "codes": codes[:_MOST_CODES],
            "tests": totals.get("tests", 0),
            "failures": totals.get("failures", 0),
            "program": __version__,
        }


def check_content(files: Mapping[str, bytes], *, workers: int | None = None) -> Checked:
    """Check the files of a version; never raises for what an author wrote."""
    source, diagnostics = parse_ruleset(files)
    if source is None:
        return Checked(tuple(diagnostics), None)
    found = lint(source)
    if any(item.is_error for item in found):
        return Checked(tuple(found), None)
    bundle = compile_bundle(source)
    faults = decision_faults(bundle)
    if faults:
        return Checked((*found, *faults), None)
    with api.Rules.of(bundle) as rules:
        tests = examine(rules, bundle, branches=False, mutation=False, workers=workers)
    return Checked(tuple(found), tests)
