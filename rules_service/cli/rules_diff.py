"""`rules-service rules diff`: what changed between two rulesets, places or dates, by meaning."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from rules_service.authoring.diff import diff
from rules_service.authoring.diff_changes import Comparison
from rules_service.authoring.diff_pages import comparison_html, comparison_lines
from rules_service.authoring.diff_places import Place, diff_places
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, place_options, verb
from rules_service.cli.versions import bundle_of
from rules_service.cli.views import rule_day
from rules_service.cli.words import Words
from rules_service.compile.bundle import Bundle, UnknownRegionError
from rules_service.server.files import write_at_once
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = ["command"]


@verb("rules diff")
@click.argument("versions", nargs=-1)
@place_options
@click.option("--against", help=helped("help.against"))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    help=helped("help.format"),
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.report_out"))
def command(
    words: Words,
    *,
    versions: tuple[str, ...],
    region: str,
    date: str | None,
    against: str | None,
    form: str,
    out: Path | None,
) -> Exit:
    """Compare two versions whole, or what places have of them on dates."""
    if len(versions) > 2 or (len(versions) == 2) is (against is not None):
        raise Problem(Exit.USAGE, "diff.arguments")
    bundles = [bundle_of(version, words) for version in versions or [str(root) for root in roots(())]]
    if len(bundles) == 2 and not region and date is None:
        found = diff(*bundles)
    else:
        found = diff_places(*_places(bundles, region, date, against))
    _write(_text(found, form, words), out)
    return Exit.OK


def _places(bundles: list[Bundle], region: str, date: str | None, against: str | None) -> tuple[Place, Place]:
    """The two places that are compared; ``against`` is another date, or another place."""
    day = rule_day(date)
    other_region, other_day = region, day
    if against is not None:
        try:
            other_day = parse_date(against)
        except DateSyntaxError:
            other_region = against
    return _place(bundles[0], region, day), _place(bundles[-1], other_region, other_day)


def _place(bundle: Bundle, region: str, day: int) -> Place:
    try:
        return Place(bundle, bundle.region(region), day)
    except UnknownRegionError:
        raise Problem(Exit.RULESET, "rules.no_region", region=region) from None


def _text(found: Comparison, form: str, words: Words) -> str:
    if form == "html":
        return comparison_html(found, words.language)
    if form == "json":
        return json.dumps(found.plain(words.language), ensure_ascii=False, indent=2) + "\n"
    return "".join(f"{line}\n" for line in comparison_lines(found, words.language))


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    try:
        write_at_once(out, text.encode())
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unwritable", place=out, why=error.strerror) from None
    click.echo(out)
