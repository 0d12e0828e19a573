"""`rules-service rules sheet import FILE`: the items of a score sheet from a CSV file or workbook."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rules_service.authoring.sheet_import import import_items
from rules_service.cli.diagnosing import read, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.bundle import lint
from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.ruleset import RulesetSource, parse_ruleset
from rules_service.model.validation import CATALOGUE
from rules_service.server.files import write_at_once

__all__ = ["command"]


@verb("rules sheet import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", required=True, metavar="SHEET", help=helped("help.sheet_into"))
@click.option("--table", "worksheet", default="", help=helped("help.sheet_table"))
@click.option("--document", default="", help=helped("help.sheet_document"))
@click.option("--write", is_flag=True, help=helped("help.sheet_write"))
@rulesets_option
def command(
    words: Words,
    *,
    file: Path,
    into: str,
    worksheet: str,
    document: str,
    write: bool,
    rulesets: tuple[Path, ...],
) -> Exit:
    """Put the items into the sheet's file, if the ruleset is sound with them."""
    folders = roots(rulesets)
    source = read(folders, words)
    sheet = next((one for layer in source.layers for one in layer.score_sheets if one.id == into), None)
    if sheet is None:
        raise Problem(Exit.RULESET, "sheet.unknown", id=into)
    path = sheet.mark.source.file
    found = Diagnostics(CATALOGUE)
    table = (file.name, file.read_bytes())
    text = source.files[path].decode("utf-8")
    made = import_items(sheet, text, table, found, worksheet=worksheet, document=document)
    diagnostics = found.in_order()
    if made is not None:
        diagnostics += _faults(source, path, made)
    tell(diagnostics, words)
    if made is None or any(item.is_error for item in diagnostics):
        return Exit.INVALID
    if not write:
        sys.stdout.write(made)
        return Exit.OK
    target = next(folder / path for folder in folders if (folder / path).is_file())
    write_at_once(target, made.encode())
    click.echo(words("sheet.written", path=target))
    return Exit.OK


def _faults(source: RulesetSource, path: str, made: str) -> list[Diagnostic]:
    """What is wrong with the ruleset when the file says this."""
    changed, found = parse_ruleset({**source.files, path: made.encode()})
    faults = found if changed is None else lint(changed)
    return [fault for fault in faults if fault.is_error or fault.file == path]
