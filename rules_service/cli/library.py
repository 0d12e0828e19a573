"""`rules-service library …`: the verbs for libraries of core indicators."""

from __future__ import annotations

import click

from rules_service.cli.main import LazyGroup
from rules_service.cli.options import helped

__all__ = ["command"]

_VERBS = ("import", "list", "show", "lookup")

command = click.group(
    "library",
    cls=LazyGroup,
    verbs={verb: f"rules_service.cli.library_{verb}" for verb in _VERBS},
    prefix="library_",
    help=helped("help.library"),
)(lambda: None)
