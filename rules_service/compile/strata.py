"""Strata: checks that read other findings come after them; cycles are refused (semantics.md, Strata)."""

from __future__ import annotations

from collections.abc import Mapping

from rules_service.language.tree import Expr
from rules_service.model.catalogue import Catalogue
from rules_service.model.subjects import SCORE, SUBJECTS

__all__ = ["cycle", "reads_findings"]

_CALLS = frozenset({"outcome", "failed_in_a_row"})
_SCORES = SUBJECTS[SCORE]
_OF_PROJECT = frozenset({_SCORES.parent, SUBJECTS[_SCORES.parent].zh})
_LIST = frozenset({_SCORES.list, Catalogue.load()[_SCORES.list_fact].zh.partition(".")[2]})


def reads_findings(expression: Expr) -> bool:
    """Whether an expression reads outcomes of other checks, or scores."""
    if expression.form == "call" and expression.value in _CALLS:
        return True
    if expression.form == "name" and expression.value in {SCORE, _SCORES.zh}:
        return True
    if expression.form == "select" and expression.value in _LIST:
        owner = expression.args[0]
        if owner.form == "name" and owner.value in _OF_PROJECT:
            return True
    return any(reads_findings(arg) for arg in expression.args)


def cycle(reads: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Rules that read each other in a circle, in order; empty if there is none."""
    done: set[str] = set()
    for start in sorted(reads):
        path: list[str] = []
        found = _walk(start, reads, path, done)
        if found:
            return found
    return ()


def _walk(rule: str, reads: Mapping[str, frozenset[str]], path: list[str], done: set[str]) -> tuple[str, ...]:
    if rule in path:
        return tuple(path[path.index(rule) :])
    if rule in done:
        return ()
    path.append(rule)
    for other in sorted(reads.get(rule, frozenset())):
        found = _walk(other, reads, path, done)
        if found:
            return found
    path.pop()
    done.add(rule)
    return ()
