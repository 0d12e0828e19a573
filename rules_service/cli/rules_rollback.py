"""`rules-service rules rollback`: go back at once, to the version before the live one or to a named one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from rules_service.cli.desk import Seat, confirm_option, desk_verb, key_option, note_option, signing_key
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.options import helped

__all__ = ["command"]


@desk_verb("rules rollback")
@click.argument("version", required=False)
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@confirm_option
@note_option
@key_option
def command(
    seat: Seat,
    *,
    version: str | None,
    ruleset: str,
    confirmed: Mapping[str, str],
    note: str,
    key: Path | None,
) -> None:
    """Roll back."""
    desk = seat.desk
    to = desk.find(version, ruleset) if version is not None else None
    state = desk.ruleset(to.ruleset if to is not None else ruleset)
    done = desk.rollback(seat.actor, state, signing_key(key), to=to, note=note, confirmed=confirmed)
    tell_done(done, seat.words, seat.form)
