"""`rules-service rules impact`: what a draft would do to a history of requests, against the live version."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from rules_service.api import today
from rules_service.authoring.history_files import history_lines
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_pages import impact_html, impact_lines
from rules_service.authoring.impact_pair import Setting
from rules_service.authoring.impact_plain import impact_plain
from rules_service.authoring.impact_workbook import impact_workbook
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.options import helped, verb
from rules_service.cli.versions import bundle_of
from rules_service.cli.words import Words
from rules_service.compile.bundle import UnknownRegionError
from rules_service.server.files import write_at_once
from rules_service.values.dates import DateSyntaxError, parse_date

__all__ = ["command"]

_HISTORY = click.Path(exists=True, path_type=Path)


@verb("rules impact")
@click.argument("draft")
@click.argument("live")
@click.option("--over", "over", type=_HISTORY, multiple=True, required=True, help=helped("help.over"))
@click.option("--region", default="", help=helped("help.impact_region"))
@click.option("--date", "rule_date", default="", help=helped("help.impact_date"))
@click.option("--evaluated-on", help=helped("help.evaluated_on"))
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help=helped("help.impact_workers")
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), multiple=True, help=helped("help.impact_out")
)
@click.option("--summary", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.summary"))
def command(
    words: Words,
    *,
    draft: str,
    live: str,
    over: tuple[Path, ...],
    region: str,
    rule_date: str,
    evaluated_on: str | None,
    workers: int,
    out: tuple[Path, ...],
    summary: Path | None,
) -> Exit:
    """Answer the history twice and write what differs."""
    writers = [(path, _writer(path)) for path in out]
    versions = bundle_of(live, words), bundle_of(draft, words)
    try:
        versions[0].region(region)
    except UnknownRegionError:
        raise Problem(Exit.RULESET, "rules.no_region", region=region) from None
    setting = Setting(
        _day(evaluated_on or date.fromordinal(today()).isoformat()),
        words.language,
        region,
        rule_date=_day(rule_date) if rule_date else "",
    )
    with Impact(*versions, setting) as found:
        try:
            with _progress(words) as done:
                found.over(history_lines(over), workers=workers, done=done)
        except BrokenProcessPool:
            raise Problem(Exit.SERVICE, "impact.broken") from None
        for path, write in writers:
            _save(path, write(found, words.language))
        if summary is not None:
            _save(summary, json.dumps(found.summary.plain(), ensure_ascii=False, indent=1).encode() + b"\n")
        for line in impact_lines(found, words.language):
            click.echo(line)
        if not found.tally.every.projects:
            raise Problem(Exit.INVALID, "input.nothing")
    return Exit.OK


def _day(text: str) -> str:
    try:
        parse_date(text)
    except DateSyntaxError:
        raise Problem(Exit.USAGE, "rules.no_date", date=text) from None
    return text


def _writer(path: Path) -> Callable[[Impact, str], bytes]:
    """How a report of this file name is made."""
    makers: dict[str, Callable[[Impact, str], bytes]] = {
        ".html": lambda found, language: impact_html(found, language).encode(),
        ".json": lambda found, language: json.dumps(
            impact_plain(found, language), ensure_ascii=False, indent=1
        ).encode(),
        ".xlsx": impact_workbook,
    }
    maker = makers.get(path.suffix.lower())
    if maker is None:
        raise Problem(Exit.USAGE, "impact.out", place=path)
    return maker


def _save(path: Path, content: bytes) -> None:
    try:
        write_at_once(path, content)
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unwritable", place=path, why=error.strerror) from None


@contextlib.contextmanager
def _progress(words: Words) -> Iterator[Callable[[int], None]]:
    """Tells how many lines are through, on a terminal only."""
    shown = Console(stderr=True)
    if not shown.is_terminal:
        yield lambda _: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn(words("impact.progress")),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=shown, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda count: progress.advance(task, count)
