"""`rules-service library list`: the libraries that a place can see on a date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import format_option, place_options, rulesets_option, verb
from rules_service.cli.show import console, show_table
from rules_service.cli.views import view_of
from rules_service.cli.words import Words
from rules_service.values.dates import date_text

__all__ = ["command"]


@verb("library list")
@place_options
@format_option
@rulesets_option
def command(words: Words, region: str, date: str | None, form: str, rulesets: tuple[Path, ...]) -> Exit:
    """List the libraries."""
    view = view_of(compiled(roots(rulesets), words), region, date)
    in_force = view.fact_context.libraries.all
    rows: list[dict[str, Any]] = [
        {
            "library": library.document.id,
            "version": library.document.version,
            "title": library.document.title.text(words.language),
            "effective_from": date_text(library.document.effective_from),
            "sample": library.document.sample,
            "in_force": library in in_force,
            **library.counts(),
        }
        for library in view.libraries
    ]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return Exit.OK
    heads = [words(f"library.{name}") for name in ("id", "version", "from", "state", "size", "title")]
    table = [
        (
            row["library"],
            row["version"],
            row["effective_from"],
            words("library.yes" if row["in_force"] else "library.no"),
            str(row["indicators"] + row["common_indicators"]),
            row["title"] + (words("library.is_sample") if row["sample"] else ""),
        )
        for row in rows
    ]
    show_table(console(), heads, table)
    return Exit.OK
