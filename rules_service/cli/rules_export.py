"""`rules-service rules export`: what policy staff edit of a ruleset, as a workbook."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.authoring.edit_files import EditError
from rules_service.authoring.exchange_content import Content
from rules_service.authoring.exchange_export import export_workbook
from rules_service.authoring.exchange_model import KINDS_OF_CONTENT
from rules_service.authoring.faults import CATALOGUE
from rules_service.cli.diagnosing import files_of, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.model.diagnostics import Source
from rules_service.server.files import write_at_once

__all__ = ["command"]


@verb("rules export")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=helped("help.export_out"),
)
@click.option("--region", "regions", multiple=True, help=helped("help.export_region"))
@click.option(
    "--what", default=",".join(KINDS_OF_CONTENT), show_default=True, help=helped("help.export_what")
)
@rulesets_option
def command(
    words: Words, *, out: Path, regions: tuple[str, ...], what: str, rulesets: tuple[Path, ...]
) -> Exit:
    """Write the workbook."""
    kinds = [kind.strip() for kind in what.split(",") if kind.strip()]
    unknown = [kind for kind in kinds if kind not in KINDS_OF_CONTENT]
    if unknown or not kinds:
        raise Problem(
            Exit.USAGE, "exchange.no_kind", kind="、".join(unknown), kinds="、".join(KINDS_OF_CONTENT)
        )
    files = files_of(roots(rulesets), words)
    try:
        folders = tuple(_folder(Content(files), region) for region in regions)
        content = export_workbook(files, kinds, folders)
    except EditError as error:
        tell([CATALOGUE.diagnostic(error.code, Source(str(out), 1, 1), **error.values)], words)
        return Exit.RULESET
    write_at_once(out, content)
    click.echo(words("exchange.exported", path=out, size=len(content) // 1024 + 1))
    return Exit.OK


def _folder(content: Content, region: str) -> str:
    """The folder of the layer of a region, by any of its names."""
    for layer in content.every_layer:
        if region in {layer.name, layer.region, layer.name.rpartition("/")[2]}:
            return layer.folder
    known = "、".join(layer.name for layer in content.every_layer)
    raise Problem(Exit.RULESET, "exchange.no_layer", region=region, known=known)
