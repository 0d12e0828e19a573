"""The mutants that the author of a rule says change nothing: `tests/equivalents.yaml`, each with its reason.

Only what cannot be proven stands there, and nothing else: an entry whose mutant is killed by a test, is
proven, or no longer exists is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules_service.model.diagnostics import Source
from rules_service.model.nodes import MARK, Node, Scalar, source_of
from rules_service.model.ruleset import RulesetSource

__all__ = ["EQUIVALENTS", "Equivalent", "equivalents"]

EQUIVALENTS = "equivalents.yaml"
_KEYS = frozenset({"mutant", "reason"})


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One entry; ``fault`` says what is wrong with it as it is written."""

    source: Source
    mutant: str
    reason: str
    fault: str = ""

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.source.file}:{self.source.line}"


def equivalents(ruleset: RulesetSource) -> Iterator[Equivalent]:
    """All entries of a ruleset, in the order of the files."""
    seen: dict[str, Equivalent] = {}
    for layer in ruleset.layers:
        for path, node in sorted(layer.tests.items()):
            if path.endswith(f"/{EQUIVALENTS}"):
                for entry in node if isinstance(node, list) else [node]:
                    found = _one(entry, Source(path, 1, 1), seen)
                    seen.setdefault(found.mutant, found)
                    yield found


def _one(entry: Node, start: Source, seen: Mapping[str, Equivalent]) -> Equivalent:
    source = source_of(entry, start)
    if not isinstance(entry, dict) or set(entry) - {MARK} != _KEYS:
        return Equivalent(source, "", "", "an entry holds mutant and reason")
    mutant, reason = (value.text if isinstance(value := entry[key], Scalar) else "" for key in sorted(_KEYS))
    fault = ""
    if not mutant.strip() or not reason.strip():
        fault = "an entry holds mutant and reason"
    elif mutant in seen:
        fault = f"the mutant stands at {seen[mutant].place} too"
    return Equivalent(source, mutant, reason, fault)
