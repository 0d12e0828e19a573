"""`rules-service rules list`: the rules of a place and date, with what they can lead to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import format_option, place_options, rulesets_option, verb
from rules_service.cli.show import console, show_table
from rules_service.cli.views import all_checks, view_of
from rules_service.cli.words import Words
from rules_service.model.subjects import SUBJECTS

__all__ = ["command"]


@verb("rules list")
@place_options
@format_option
@rulesets_option
def command(words: Words, region: str, date: str | None, form: str, rulesets: tuple[Path, ...]) -> Exit:
    """List the rules."""
    view = view_of(compiled(roots(rulesets), words), region, date)
    rows: list[dict[str, Any]] = []
    for check, inactive in all_checks(view):
        levels = list(dict.fromkeys(step.level.name for step in check.severities if not step.dormant))
        state = "ACTIVE" if inactive is None else inactive.reason
        rows.append(
            {
                "rule": check.id,
                "title": check.title.text(words.language),
                "family": check.family,
                "service": check.service,
                "subject": check.subject,
                "severity": levels,
                "layer": check.layer,
                "state": state,
            }
        )
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return Exit.OK
    heads = [words(f"list.{name}") for name in ("rule", "severity", "subject", "state", "title")]
    table = [
        (
            row["rule"],
            "/".join(words(f"level.{level}") for level in row["severity"]),
            SUBJECTS[row["subject"]].label(words.language),
            words(f"state.{row['state']}"),
            row["title"],
        )
        for row in rows
    ]
    show_table(console(), heads, table)
    return Exit.OK
