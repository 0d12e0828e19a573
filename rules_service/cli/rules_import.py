"""`rules-service rules import FILE`: an edited workbook to a draft of the ruleset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from openpyxl.utils import get_column_letter

from rules_service.authoring.exchange_faults import fault_copy
from rules_service.authoring.exchange_import import Imported, Traced, check, import_workbook
from rules_service.authoring.exchange_model import told
from rules_service.cli.diagnosing import files_of, told_line
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.views import rule_day
from rules_service.cli.words import Words
from rules_service.compile.archive import content_hash
from rules_service.model.diagnostics import Diagnostic
from rules_service.server.files import write_at_once

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@verb("rules import")
@click.argument("file", type=_FILE)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help=helped("help.import_out"))
@click.option("--write", is_flag=True, help=helped("help.import_write"))
@rulesets_option
def command(words: Words, *, file: Path, out: Path | None, write: bool, rulesets: tuple[Path, ...]) -> Exit:
    """Tell what was edited and what is wrong, and write the draft if that is asked for."""
    if out is not None and out.exists() and any(out.iterdir()):
        raise Problem(Exit.USAGE, "exchange.not_empty", folder=out)
    folders = roots(rulesets)
    content = file.read_bytes()
    today = dt.date.fromordinal(rule_day(None)).isoformat()
    imported = import_workbook(file.name, content, files_of(folders, words), today)
    for fault in imported.faults:
        click.echo(_line(fault, file.name, words), err=True)
    if imported.is_refused:
        _copy(file, content, imported, words)
        return Exit.INVALID
    for edit in imported.edits:
        click.echo(edit.sentence(words.language))
    traced = check(imported) if imported.changed else []
    for item in traced:
        click.echo(_traced(item, words), err=True)
    errors = sum(item.fault.is_error for item in traced)
    click.echo(
        words(
            "exchange.summary",
            edits=len(imported.edits),
            files=len(imported.changed),
            errors=errors,
            warnings=len(traced) - errors,
            hash=content_hash(imported.files)[:12],
        )
    )
    if out is not None:
        _write(out, imported.files)
        click.echo(words("exchange.draft", folder=out))
    if write and not errors:
        _in_place(folders, imported)
        click.echo(words("exchange.written", count=len(imported.changed)))
    return Exit.RULESET if errors else Exit.OK


def _line(fault: Diagnostic, name: str, words: Words) -> str:
    """A fault of the workbook, with the sheet and the cell that a person looks at."""
    if fault.file == name:
        return told_line(fault, words)
    cell = f"{get_column_letter(fault.column)}{fault.line}"
    return told_line(fault, words, place=words("exchange.cell", sheet=fault.file, cell=cell))


def _traced(item: Traced, words: Words) -> str:
    line = told_line(item.fault, words)
    return words("exchange.from_row", fault=line, sheet=item.sheet, line=item.line) if item.line else line


def _copy(file: Path, content: bytes, imported: Imported, words: Words) -> None:
    """The copy of the workbook that says at each cell what is wrong with it."""
    count = sum(fault.is_error for fault in imported.faults)
    click.echo(words("exchange.refused", count=count, conflicts=len(imported.conflicts)), err=True)
    copy = fault_copy(file.name, content, imported)
    if copy is not None:
        path = file.with_name(f"{file.stem}-{told('column.fault')}.xlsx")
        write_at_once(path, copy)
        click.echo(words("exchange.copy", path=path), err=True)


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """The whole ruleset of the draft, so that every verb can read it."""
    try:
        for name, content in files.items():
            path = out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unwritable", place=out, why=error.strerror) from None


def _in_place(folders: Sequence[Path], imported: Imported) -> None:
    for name in imported.changed:
        path = next(folder / name for folder in folders if (folder / name).is_file())
        write_at_once(path, imported.files[name])
