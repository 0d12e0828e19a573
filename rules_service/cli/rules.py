"""`rules-service rules …`: the verbs for those who write rules."""

from __future__ import annotations

import click

from rules_service.cli.main import LazyGroup
from rules_service.cli.options import helped

__all__ = ["command"]

_READING = (
    "list",
    "show",
    "lint",
    "fmt",
    "test",
    "generate",
    "explain",
    "book",
    "matrix",
    "codes",
    "diff",
    "impact",
    "sheet",
    "build",
    "code",
)
_EDITING = ("export", "import")
_PUBLISHING = ("draft", "check", "approve", "reject", "publish", "activate", "rollback", "retire")
_WATCHING = ("history", "log-check", "keys")

command = click.group(
    "rules",
    cls=LazyGroup,
    verbs={
        verb: f"rules_service.cli.rules_{verb.replace('-', '_')}"
        for verb in (*_READING, *_EDITING, *_PUBLISHING, *_WATCHING)
    },
    prefix="rules_",
    help=helped("help.rules"),
)(lambda: None)
