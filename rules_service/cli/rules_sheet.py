"""`rules-service rules sheet …`: score sheets."""

from __future__ import annotations

import click

from rules_service.cli.main import LazyGroup
from rules_service.cli.options import helped

__all__ = ["command"]

command = click.group(
    "sheet",
    cls=LazyGroup,
    verbs={"import": "rules_service.cli.rules_sheet_import"},
    prefix="rules_sheet_",
    help=helped("help.rules_sheet"),
)(lambda: None)
