"""`rules-service rules …`: the verbs for those who write rules."""

from __future__ import annotations

import click

from rules_service.cli.main import LazyGroup
from rules_service.cli.options import helped

__all__ = ["command"]

_VERBS = ("list", "show", "lint", "fmt", "test", "explain", "book", "matrix", "sheet", "build", "code")

command = click.group(
    "rules",
    cls=LazyGroup,
    verbs={verb: f"rules_service.cli.rules_{verb}" for verb in _VERBS},
    prefix="rules_",
    help=helped("help.rules"),
)(lambda: None)
