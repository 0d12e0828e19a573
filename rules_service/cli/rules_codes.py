"""`rules-service rules codes`: the page about all codes of lint, written into a file."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.authoring.lint_codes import codes_page
from rules_service.authoring.lint_examples import lint_examples
from rules_service.authoring.texts import Texts
from rules_service.cli.exits import Exit
from rules_service.cli.options import helped, verb
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("rules codes")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help=helped("help.codes_check"))
@click.option(
    "--cases",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=helped("help.codes_cases"),
)
def command(words: Words, file: Path, *, check: bool, cases: Path | None) -> Exit:
    """Write the page, or tell whether it would change."""
    examples = lint_examples(cases) if cases is not None else {}
    page = codes_page(examples, Texts(words.language))
    if file.is_file() and file.read_text("utf-8") == page:
        return Exit.OK
    click.echo(file)
    if check:
        return Exit.FAILING
    file.write_text(page, encoding="utf-8")
    return Exit.OK
