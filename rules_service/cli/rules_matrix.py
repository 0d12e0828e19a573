"""`rules-service rules matrix`: the tables of rules and of places, written into a folder."""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.authoring.coverage import outcome_coverage
from rules_service.authoring.markdown import markdown
from rules_service.authoring.matrix import rules_page
from rules_service.authoring.places import places_page
from rules_service.authoring.rule_tests import rule_tests
from rules_service.authoring.running import run
from rules_service.cli.exits import Exit
from rules_service.cli.loading import load, roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.possible import possible_outcomes

__all__ = ["command"]


@verb("rules matrix")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help=helped("help.matrix_check"))
@rulesets_option
def command(words: Words, folder: Path, *, check: bool, rulesets: tuple[Path, ...]) -> Exit:
    """Write rules-table.md and places-table.md, or tell which of them would change."""
    with load(roots(rulesets), None, words, concluder="chainer") as rules:
        [bundle] = rules.snapshot().bundles
        results = [run(test, rules) for test in rule_tests(bundle.source)]
    coverage = outcome_coverage(results, possible_outcomes(bundle))
    pages = {
        "rules-table.md": rules_page(bundle, coverage, words.language),
        "places-table.md": places_page(bundle, words.language),
    }
    changed = False
    for name, page in pages.items():
        path, text = folder / name, markdown(page)
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        changed = True
        click.echo(path)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return Exit.FAILING if check and changed else Exit.OK
