"""`rules-service rules lint`: everything that is wrong with ruleset files, at once."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.cli.diagnosing import read, tell
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.bundle import compile_bundle, lint
from rules_service.registry.decisions import decision_faults

__all__ = ["command"]


@verb("rules lint")
@rulesets_option
def command(words: Words, rulesets: tuple[Path, ...]) -> Exit:
    """Check the files; warnings alone are in order."""
    source = read(roots(rulesets), words)
    diagnostics = lint(source)
    if not any(item.is_error for item in diagnostics):
        diagnostics += decision_faults(compile_bundle(source))
    tell(diagnostics, words)
    errors = sum(item.is_error for item in diagnostics)
    click.echo(words("lint.summary", errors=errors, warnings=len(diagnostics) - errors))
    return Exit.RULESET if errors else Exit.OK
