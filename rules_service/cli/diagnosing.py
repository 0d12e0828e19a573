"""Tells diagnostics of ruleset files, and reads rulesets so that all of theirs are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.words import Words
from rules_service.compile.bundle import Bundle, compile_bundle
from rules_service.compile.sources import RulesetFaultsError, read_ruleset
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.ruleset import RulesetSource

__all__ = ["compiled", "read", "tell"]


def tell(diagnostics: Iterable[Diagnostic], words: Words) -> None:
    """Write diagnostics to standard error, one a line, in the form that editors understand."""
    for item in diagnostics:
        text, cure = (item.en, item.cure_en) if words.language == "en" else (item.zh, item.cure_zh)
        place = f"{item.file}:{item.line}:{item.column}"
        severity = words(f"lint.{item.severity}")
        click.echo(
            words("lint.line", place=place, severity=severity, code=item.code, text=text, cure=cure), err=True
        )


def read(folders: Sequence[Path], words: Words) -> RulesetSource:
    """The ruleset of the folders; tells all that is wrong, and raises ``Problem`` if it cannot be read."""
    try:
        return read_ruleset(*folders)
    except RulesetFaultsError as errors:
        tell(errors.diagnostics, words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(errors.diagnostics)) from None


def compiled(folders: Sequence[Path], words: Words) -> Bundle:
    """The bundle of the folders; tells all that is wrong, and raises ``Problem`` if there are errors."""
    source = read(folders, words)
    try:
        return compile_bundle(source)
    except RulesetFaultsError as errors:
        tell(errors.diagnostics, words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(errors.diagnostics)) from None
