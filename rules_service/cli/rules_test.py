"""`rules-service rules test`: run the tests that come with the rules."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.cli.diagnosing import read
from rules_service.cli.exits import Exit
from rules_service.cli.loading import load, roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.ruletests import rule_tests, run
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("rules test")
@click.option("--only", metavar="RULE", help=helped("help.only"))
@rulesets_option
def command(words: Words, only: str | None, rulesets: tuple[Path, ...]) -> Exit:
    """Run the tests and tell the differences."""
    folders = roots(rulesets)
    tests = [test for test in rule_tests(read(folders, words)) if only is None or test.rule == only]
    failed = 0
    with load(folders, None, words) as rules:
        for test in tests:
            differences = run(test, rules).differences
            if differences:
                failed += 1
                place = f"{test.source.file}:{test.source.line}"
                click.echo(words("test.failed", place=place, name=test.name, why="; ".join(differences)))
    click.echo(words("test.summary", count=len(tests), failed=failed))
    return Exit.FAILING if failed else Exit.OK
