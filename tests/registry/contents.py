"""Contents of the small ruleset, in versions that differ by one parameter."""

from __future__ import annotations

from pathlib import Path

from rules_service.compile.sources import collect_files

BASE = Path(__file__).parents[1] / "testdata" / "compile" / "base"
GAP = "national/parameters/progress/gap_red.yaml"


def content(version: str, *edits: tuple[str, str, str], name: str = "tiny") -> dict[str, bytes]:
    """The files of a version; an edit is (path, old, new)."""
    files, _ = collect_files(BASE)
    for path, old, new in [
        ("ruleset.yaml", 'version: "1"', f'version: "{version}"'),
        ("ruleset.yaml", "id: tiny", f"id: {name}"),
        *edits,
    ]:
        text = files[path].decode()
        assert old in text
        files[path] = text.replace(old, new).encode()
    return files
