"""`rules-service rules publish`: sign an approved version and say from when it shall be live."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from rules_service.cli.desk import (
    Seat,
    confirm_option,
    desk_verb,
    key_option,
    moment,
    note_option,
    signing_key,
)
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.options import helped

__all__ = ["command"]


@desk_verb("rules publish")
@click.argument("version")
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@click.option("--live-from", metavar="TIME", help=helped("help.live_from"))
@confirm_option
@note_option
@key_option
def command(
    seat: Seat,
    *,
    version: str,
    ruleset: str,
    live_from: str | None,
    confirmed: Mapping[str, str],
    note: str,
    key: Path | None,
) -> None:
    """Publish."""
    done = seat.desk.publish(
        seat.actor,
        seat.desk.find(version, ruleset),
        signing_key(key),
        live_from=moment(live_from),
        note=note,
        confirmed=confirmed,
    )
    tell_done(done, seat.words, seat.form)
