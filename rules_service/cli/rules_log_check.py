"""`rules-service rules log-check`: whether the log is whole, and which of its entries do not count."""

from __future__ import annotations

import click

from rules_service.cli.desk import Seat, desk_verb
from rules_service.cli.desk_telling import as_json, tell_fault
from rules_service.cli.exits import Exit
from rules_service.registry.log import check_log

__all__ = ["command"]


@desk_verb("rules log-check", acting=False)
def command(seat: Seat) -> Exit:
    """Walk the chain of hashes, and look at every signature where trusted keys were named."""
    report = check_log(seat.store, seat.trusted)
    found = [*([report.broken] if report.broken is not None else []), *report.doubtful]
    if seat.form == "json":
        documents = [
            {"code": fault.code, "entry": fault.file, "zh": fault.zh, "en": fault.en} for fault in found
        ]
        as_json({"entries": report.head.seq, "head": report.head.hash, "faults": documents})
        return Exit.FAILING if found else Exit.OK
    for fault in found:
        tell_fault(fault, seat.words, seat.form)
    key = "desk.log_broken" if report.broken is not None else "desk.log_whole"
    click.echo(seat.words(key, seq=report.head.seq, hash=report.head.hash))
    if seat.trusted is None:
        click.echo(seat.words("desk.log_untrusted"))
    return Exit.FAILING if found else Exit.OK
