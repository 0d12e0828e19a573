"""`rules-service rules show RULE`: one rule as a place has it on a date, with its conditions as sentences."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit
from rules_service.cli.loading import roots
from rules_service.cli.options import place_options, rulesets_option, verb
from rules_service.cli.show import console
from rules_service.cli.views import check_of, view_of
from rules_service.cli.words import Words
from rules_service.compile.view import InactiveCheck, TableDoc, View, ViewCheck
from rules_service.language.formatting import format_expression
from rules_service.language.sentence import sentence
from rules_service.language.typed import Typed
from rules_service.model.subjects import SUBJECTS

__all__ = ["command", "show_rule"]


@verb("rules show")
@click.argument("rule")
@place_options
@rulesets_option
def command(words: Words, rule: str, region: str, date: str | None, rulesets: tuple[Path, ...]) -> Exit:
    """Show one rule."""
    view = view_of(compiled(roots(rulesets), words), region, date)
    check, inactive = check_of(view, rule)
    for line in show_rule(view, check, inactive, words):
        console().print(Text(line))
    return Exit.OK


def show_rule(view: View, check: ViewCheck, inactive: InactiveCheck | None, words: Words) -> list[str]:
    """The lines of one rule."""
    language = words.language
    titles = {name: value.title.text(language) for name, value in view.parameters.items()}
    titles |= {table.said: table.title.text(language) for table in check.tables}
    unit = check.unit
    subject = SUBJECTS[check.subject].label(language)
    lines = [words("rule.head", id=check.id, title=check.title.text(language), subject=subject)]
    if inactive is not None:
        note = inactive.note.text(language) if inactive.note is not None else " ".join(inactive.parameters)
        lines.append(words("rule.inactive", state=words(f"state.{inactive.reason}"), note=note))

    def said(typed: Typed) -> list[str]:
        written = format_expression(typed.tree, typed.names)
        return [f"    {sentence(typed, language, titles)}", f"    {written}"]

    if unit.applies_when is not None:
        lines += [words("rule.applies"), *said(unit.applies_when)]
    for name, typed in unit.lets:
        if not name.startswith("@"):
            lines += [words("rule.let", name=name), *said(typed)]
    lines += [words("rule.fails"), *said(unit.fails_when)]
    for (number, when), step in zip(unit.severity, check.severities, strict=True):
        del number
        level = words(f"level.{step.level.name}")
        if step.limited_by is not None:
            level += words(
                "rule.limited", declared=words(f"level.{step.declared.name}"), proof=step.limited_by.value
            )
        lines.append(words("rule.level", level=level))
        lines += said(when) if when is not None else []
    for name in check.parameters:
        value = view.parameters[name]
        shown = value.text if not value.is_empty else words("rule.empty")
        lines.append(
            words(
                "rule.parameter",
                id=name,
                title=value.title.text(language),
                operator=value.operator or "",
                value=shown,
                layer=value.layer,
                source=words(f"source.{value.source}"),
                document=value.document,
            )
        )
    for table in check.tables:
        lines += _table(table, words)
    if check.exempt_for:
        lines.append(words("rule.exempt", reasons="、".join(sorted(check.exempt_for))))
    for basis in check.basis:
        lines.append(
            words("rule.basis", document=basis.document, article=basis.article, proof=basis.proof.value)
        )
    return lines


def _table(table: TableDoc, words: Words) -> list[str]:
    """The lines of a decision table."""
    hit, title = words(f"hit.{table.hit}"), table.title.text(words.language)
    lines = [words("rule.table", id=table.id, title=title, layer=table.layer, hit=hit)]
    for number, row in table.rows.items():
        key = "rule.table_row" if number else "rule.table_otherwise"
        lines.append(words(key, number=number, row=row.text(words.language)))
    return lines
