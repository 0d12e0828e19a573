"""`rules-service rules book`: the live rules of a place on a date as one readable document."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rules_service.authoring.book import rulebook
from rules_service.authoring.markdown import markdown
from rules_service.authoring.workbook import workbook
from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, place_options, rulesets_option, verb
from rules_service.cli.views import rule_day, view_of
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("rules book")
@place_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.book_out"))
@rulesets_option
def command(
    words: Words, region: str, date: str | None, out: Path | None, rulesets: tuple[Path, ...]
) -> Exit:
    """Write the rulebook: Markdown, or an Excel workbook where the file's name ends in .xlsx."""
    bundle = compiled(roots(rulesets), words)
    view = view_of(bundle, region, date)
    page = rulebook(bundle, view, rule_day(date), words.language)
    if out is None:
        sys.stdout.write(markdown(page))
        return Exit.OK
    if out.suffix.lower() == ".xlsx":
        out.write_bytes(workbook(page))
    else:
        out.write_text(markdown(page), encoding="utf-8")
    click.echo(out)
    return Exit.OK
