"""`rules-service library import FILE…`: tables as places keep them to a version that rulesets read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from rules_service.authoring.library_import import COLUMN_NAMES, Manifest, Reading, import_library
from rules_service.cli.diagnosing import read, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.library_words import counts_line
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.views import rule_day
from rules_service.cli.words import Words
from rules_service.facts.library import Library
from rules_service.facts.wordlists import read_word_lists
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.validation import CATALOGUE
from rules_service.server.files import write_at_once
from rules_service.values.outcomes import Proof

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@verb("library import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--id", "name", required=True, help=helped("help.library_id"))
@click.option("--version", required=True, help=helped("help.library_version"))
@click.option("--title", required=True, help=helped("help.library_title"))
@click.option("--title-en", default="", help=helped("help.library_english"))
@click.option("--from", "start", required=True, help=helped("help.library_from"))
@click.option("--to", "end", default="", help=helped("help.library_to"))
@click.option("--issuer", required=True, help=helped("help.library_issuer"))
@click.option("--issuer-en", default="", help=helped("help.library_english"))
@click.option("--document", required=True, help=helped("help.library_document"))
@click.option("--source", default="", help=helped("help.library_source"))
@click.option(
    "--proof",
    required=True,
    type=click.Choice([item.value for item in Proof]),
    help=helped("help.library_proof"),
)
@click.option("--sample", is_flag=True, help=helped("help.library_sample"))
@click.option("--tree", default="2021", show_default=True, help=helped("help.library_tree"))
@click.option(
    "--column", "columns", multiple=True, metavar="HEADER=COLUMN", help=helped("help.library_column")
)
@click.option("--ignore", "ignored", multiple=True, metavar="HEADER", help=helped("help.library_ignore"))
@click.option("--sheet", default="", help=helped("help.library_sheet"))
@click.option("--fill-down", is_flag=True, help=helped("help.library_fill_down"))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=helped("help.library_out"),
)
@click.option("--force", is_flag=True, help=helped("help.library_force"))
@rulesets_option
def command(
    words: Words,
    *,
    files: tuple[Path, ...],
    name: str,
    version: str,
    title: str,
    title_en: str,
    start: str,
    end: str,
    issuer: str,
    issuer_en: str,
    document: str,
    source: str,
    proof: str,
    sample: bool,
    tree: str,
    columns: tuple[str, ...],
    ignored: tuple[str, ...],
    sheet: str,
    fill_down: bool,
    out: Path,
    force: bool,
    rulesets: tuple[Path, ...],
) -> Exit:
    """Import one version of a library."""
    for day in filter(None, (start, end)):
        rule_day(day)  # tells what is no date
    manifest = Manifest(
        id=name,
        version=version,
        title=(title, title_en or title),
        effective_from=start,
        effective_to=end,
        issuer=(issuer, issuer_en or issuer),
        document=document,
        source=source,
        proof=proof,
        tree=tree,
        sample=sample,
    )
    folder = out / name / version
    if folder.exists() and not force:
        raise Problem(Exit.USAGE, "library.exists", folder=folder)
    root = read(roots(rulesets), words).root
    found = Diagnostics(CATALOGUE)
    imported = import_library(
        [(str(path), _content(path)) for path in files],
        manifest,
        Reading(_columns(columns), ignored, sheet, fill_down),
        root=root,
        units=read_word_lists([root.wordlists]).units,
        found=found,
    )
    tell(found.in_order(), words)
    if imported is None:
        raise Problem(Exit.INVALID, "library.refused", count=len(found.in_order()))
    _write(folder, imported.files)
    click.echo(words("library.imported", folder=folder))
    click.echo(counts_line(Library(imported.library), words))
    click.echo(words("library.next", id=name, start=start))
    return Exit.OK


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    """Headers of theirs that name a column of ours."""
    found = {}
    for pair in given:
        header, _, column = pair.rpartition("=")
        if not header or column not in COLUMN_NAMES:
            raise Problem(Exit.USAGE, "library.no_column", pair=pair, columns="、".join(COLUMN_NAMES))
        found[header] = column
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unreadable", place=path, why=error.strerror) from None


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.csv"):
            old.unlink()
        for name, content in files.items():
            write_at_once(folder / name, content)
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unwritable", place=folder, why=error.strerror) from None
