"""`rules-service rules keys …`: keys that sign versions, and tokens of the service's callers."""

from __future__ import annotations

import click

from rules_service.cli.main import LazyGroup
from rules_service.cli.options import helped

__all__ = ["command"]

command = click.group(
    "keys",
    cls=LazyGroup,
    verbs={
        "new": "rules_service.cli.rules_keys_new",
        "token": "rules_service.cli.rules_keys_token",
    },
    prefix="rules_keys_",
    help=helped("help.rules_keys"),
)(lambda: None)
