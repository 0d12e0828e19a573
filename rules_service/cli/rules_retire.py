"""`rules-service rules retire`: never let a version be live again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from rules_service.cli.desk import Seat, confirm_option, desk_verb, key_option, note_option, signing_key
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.options import helped

__all__ = ["command"]


@desk_verb("rules retire")
@click.argument("version")
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@confirm_option
@note_option
@key_option
def command(
    seat: Seat, *, version: str, ruleset: str, confirmed: Mapping[str, str], note: str, key: Path | None
) -> None:
    """Retire."""
    found = seat.desk.find(version, ruleset)
    done = seat.desk.retire(seat.actor, found, signing_key(key), note=note, confirmed=confirmed)
    tell_done(done, seat.words, seat.form)
