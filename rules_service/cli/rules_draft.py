"""`rules-service rules draft`: put the rules of a folder into the registry as a draft."""

from __future__ import annotations

from pathlib import Path

from rules_service.cli.desk import Seat, desk_verb, note_option
from rules_service.cli.desk_telling import tell_done
from rules_service.cli.diagnosing import tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import rulesets_option
from rules_service.compile.sources import collect_files

__all__ = ["command"]


@desk_verb("rules draft")
@note_option
@rulesets_option
def command(seat: Seat, note: str, rulesets: tuple[Path, ...]) -> None:
    """Draft; what is wrong with the rules is for the check to say."""
    files, diagnostics = collect_files(*roots(rulesets))
    if diagnostics:
        tell(diagnostics, seat.words)
        raise Problem(Exit.RULESET, "lint.unreadable", count=len(diagnostics))
    tell_done(seat.desk.draft(seat.actor, files, note), seat.words, seat.form)
