"""Tells diagnostics of ruleset files, and reads rulesets so that all of theirs are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.words import Words
from rules_service.compile.bundle import Bundle, compile_bundle
from rules_service.compile.sources import RulesetFaultsError, collect_files, read_ruleset
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.ruleset import RulesetSource

__all__ = ["compiled", "files_of", "read", "tell", "told_line"]


def tell(diagnostics: Iterable[Diagnostic], words: Words) -> None:
    """Write diagnostics to standard error, one a line, in the form that editors understand."""
    for item in diagnostics:
        click.echo(told_line(item, words), err=True)


def told_line(item: Diagnostic, words: Words, *, place: str = "") -> str:
    """One diagnostic; ``place`` says where, if not file, line and column do."""
    text, cure = (item.en, item.cure_en) if words.language == "en" else (item.zh, item.cure_zh)
    where = place or f"{item.file}:{item.line}:{item.column}"
    severity = words(f"lint.{item.severity}")
    return words("lint.line", place=where, severity=severity, code=item.code, text=text, cure=cure)


def files_of(folders: Sequence[Path], words: Words) -> dict[str, bytes]:
    """The files of the folders, faulty rules among them; raises ``Problem`` if there are none."""
    files, diagnostics = collect_files(*folders)
    if any(item.is_error for item in diagnostics):
        tell(diagnostics, words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(diagnostics))
    return files


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
