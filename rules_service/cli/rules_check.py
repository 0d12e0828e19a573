"""`rules-service rules check`: lint a draft and run its tests; the result stands in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from rules_service.cli.desk import Seat, desk_verb
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.diagnosing import tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.options import helped

__all__ = ["command"]


@desk_verb("rules check")
@click.argument("version")
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@click.option(
    "--impact",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=helped("help.impact_summary"),
)
@click.option("--workers", type=click.IntRange(1), help=helped("help.workers"))
def command(seat: Seat, version: str, ruleset: str, impact: Path | None, workers: int | None) -> Exit:
    """Check; a version that fails cannot be approved."""
    summary = _summary(impact) if impact is not None else None
    desk = seat.desk
    done = desk.check(seat.actor, desk.find(version, ruleset), impact=summary, workers=workers)
    checked = done.checked
    assert checked is not None, "a check tells what it found"
    tell(checked.diagnostics, seat.words)
    for result in checked.tests.failed if checked.tests is not None else ():
        why = "; ".join(result.differences)
        click.echo(
            seat.words("test.failed", place=result.test.place, name=result.test.name, why=why), err=True
        )
    tell_done(done, seat.words, seat.form)
    return Exit.OK if checked.ok else Exit.FAILING


def _summary(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise Problem(Exit.INVALID, "input.unreadable", place=path, why=type(error).__name__) from None
    if not isinstance(found, dict):
        raise Problem(Exit.INVALID, "input.not_object", place=path)
    return found
