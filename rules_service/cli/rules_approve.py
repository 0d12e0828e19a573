"""`rules-service rules approve`: approve a checked version that somebody else edited."""

from __future__ import annotations

import click

from rules_service.cli.desk import Seat, desk_verb, note_option
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.options import helped

__all__ = ["command"]


@desk_verb("rules approve")
@click.argument("version")
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@note_option
def command(seat: Seat, version: str, ruleset: str, note: str) -> None:
    """Approve."""
    desk = seat.desk
    tell_done(desk.approve(seat.actor, desk.find(version, ruleset), note), seat.words, seat.form)
