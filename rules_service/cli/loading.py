"""Loads the rules for a verb, and tells what is wrong with them when they cannot be loaded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from rules_service import api
from rules_service.cli.diagnosing import tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.words import Words
from rules_service.server.places import default_rulesets

__all__ = ["load", "roots"]


def roots(rulesets: Sequence[Path]) -> tuple[Path, ...]:
    """The ruleset directories that the user named, or the project's own."""
    if rulesets:
        return tuple(rulesets)
    found = default_rulesets()
    if found is None:
        raise Problem(Exit.RULESET, "rules.none")
    return (found,)


@contextlib.contextmanager
def load(
    rulesets: Sequence[Path],
    bundles: Path | None,
    words: Words,
    *,
    concluder: Literal["guarded", "chainer"] = "guarded",
) -> Iterator[api.Rules]:
    """The rules, closed at the end."""
    named = () if bundles is not None and not rulesets else roots(rulesets)
    try:
        rules = api.Rules.load(*named, bundles=bundles, concluder=concluder)
    except api.LoadError as error:
        tell(error.diagnostics, words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(error.diagnostics)) from None
    try:
        yield rules
    finally:
        rules.close()
