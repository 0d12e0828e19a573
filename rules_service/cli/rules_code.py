"""`rules-service rules code`: the one Python module that the checks of a place and date were compiled to."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import place_options, rulesets_option, verb
from rules_service.cli.views import view_of
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("rules code")
@place_options
@rulesets_option
def command(words: Words, region: str, date: str | None, rulesets: tuple[Path, ...]) -> Exit:
    """Show the code."""
    click.echo(view_of(compiled(roots(rulesets), words), region, date).program.source)
    return Exit.OK
