"""`rules-service rules fmt`: write the expressions of ruleset files in their one form."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.cli.diagnosing import read, tell
from rules_service.cli.exits import Exit
from rules_service.cli.formatting import format_ruleset
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("rules fmt")
@click.option("--check", is_flag=True, help=helped("help.check"))
@rulesets_option
def command(words: Words, *, check: bool, rulesets: tuple[Path, ...]) -> Exit:
    """Rewrite the files, or only tell which would change."""
    folders = roots(rulesets)
    formatted = format_ruleset(read(folders, words))
    for name, content in formatted.changed.items():
        path = next(folder / name for folder in folders if (folder / name).is_file())
        click.echo(path)
        if not check:
            path.write_bytes(content)
    tell(formatted.diagnostics, words)
    if formatted.diagnostics:
        return Exit.RULESET
    return Exit.FAILING if check and formatted.changed else Exit.OK
