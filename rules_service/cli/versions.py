"""Which ruleset a word of the command line means: a folder, or a bundle file."""

from __future__ import annotations

from pathlib import Path

from rules_service.cli.diagnosing import compiled, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.words import Words
from rules_service.compile.archive import MAX_ARCHIVE_BYTES
from rules_service.compile.bundle import Bundle, load_bundle
from rules_service.compile.sources import RulesetFaultsError

__all__ = ["bundle_of"]


def bundle_of(named: str, words: Words) -> Bundle:
    """The compiled ruleset that is named; tells what is wrong with it, and raises ``Problem``."""
    path = Path(named)
    if path.is_dir():
        return compiled([path], words)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ARCHIVE_BYTES + 1)
    except OSError as error:
        raise Problem(Exit.RULESET, "versions.unknown", name=named, why=error.strerror) from None
    try:
        return load_bundle(content)
    except RulesetFaultsError as errors:
        tell(errors.diagnostics, words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(errors.diagnostics)) from None
