"""`rules-service rules lint`: everything that is wrong with ruleset files, at once."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from rules_service.authoring.lint_codes import lint_codes, lint_entry
from rules_service.cli.diagnosing import read, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.bundle import compile_bundle, lint
from rules_service.registry.decisions import decision_faults

__all__ = ["command"]


@verb("rules lint")
@click.option("--explain", metavar="CODE", help=helped("help.lint_explain"))
@rulesets_option
def command(words: Words, explain: str | None, rulesets: tuple[Path, ...]) -> Exit:
    """Check the files, warnings alone are in order; or explain one code."""
    if explain is not None:
        return _explain(explain, words)
    source = read(roots(rulesets), words)
    diagnostics = lint(source)
    if not any(item.is_error for item in diagnostics):
        diagnostics += decision_faults(compile_bundle(source))
    tell(diagnostics, words)
    errors = sum(item.is_error for item in diagnostics)
    click.echo(words("lint.summary", errors=errors, warnings=len(diagnostics) - errors))
    return Exit.RULESET if errors else Exit.OK


def _explain(code: str, words: Words) -> Exit:
    """What a code says, and its cure."""
    found = lint_entry(code)
    if found is None:
        near = "、".join(get_close_matches(code.upper(), lint_codes(), 3, 0.5)) or "–"
        raise Problem(Exit.USAGE, "lint.unknown_code", code=code, near=near)
    said, cure = (found.zh, found.cure_zh) if words.language == "zh" else (found.en, found.cure_en)
    severity = words(f"lint.{found.severity.value}")
    click.echo(words("lint.explained", code=code.upper(), severity=severity, said=said, cure=cure))
    return Exit.OK
