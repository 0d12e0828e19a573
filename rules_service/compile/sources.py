"""Ruleset folders to files: what belongs to a ruleset, without links, within limits."""

from __future__ import annotations

from pathlib import Path

from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.ruleset import RulesetSource, parse_ruleset
from rules_service.model.validation import CATALOGUE

__all__ = ["MAX_BYTES", "MAX_FILES", "RulesetFaultsError", "collect_files", "read_ruleset"]

MAX_FILES = 20_000
MAX_BYTES = 64 * 1024 * 1024

_NOTES = "README.md"


class RulesetFaultsError(ValueError):
    """A ruleset that cannot be used; ``diagnostics`` says why, in order of the files."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(str(item) for item in diagnostics))
        self.diagnostics = tuple(diagnostics)


def read_ruleset(*roots: Path) -> RulesetSource:
    """Read a ruleset from its folder, or from several that add up to one (a base and a place's own files).

    Raises ``RulesetFaultsError`` with every fault of every file.
    """
    files, diagnostics = collect_files(*roots)
    if any(item.is_error for item in diagnostics):
        raise RulesetFaultsError(diagnostics)
    source, found = parse_ruleset(files)
    if source is None:
        raise RulesetFaultsError([*diagnostics, *found])
    return source


def collect_files(*roots: Path) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The files of one or more folders by path relative to them; hidden files and README.md are left out."""
    found = Diagnostics(CATALOGUE)
    files: dict[str, bytes] = {}
    total = 0
    for root in roots:
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            hidden = any(part.startswith(".") for part in name.split("/"))
            if hidden or path.name == _NOTES or _is_folder(path):
                continue
            place = Source(name, 1, 1)
            if path.is_symlink() or not path.is_file():
                found.add("FILE-LINK", place)
                continue
            if name in files:
                found.add("FILE-TWICE", place, name=name)
                continue
            total += path.stat().st_size
            if len(files) >= MAX_FILES or total > MAX_BYTES:
                found.add("FILE-TOO-MANY", place, limit=MAX_FILES, size=MAX_BYTES)
                return files, found.in_order()
            files[name] = path.read_bytes()
    if not files:
        found.add("FILE-MISSING", Source("ruleset.yaml", 1, 1), name="ruleset.yaml")
    return files, found.in_order()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
