"""`rules-service rules test`: run the tests that come with the rules, and tell what they cover."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from rules_service.authoring.coverage import Coverage, measure
from rules_service.authoring.rule_tests import rule_tests
from rules_service.authoring.running import Result, run
from rules_service.cli.exits import Exit
from rules_service.cli.loading import load, roots
from rules_service.cli.options import format_option, helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.possible import Possible, possible_outcomes
from rules_service.values.outcomes import Severity

__all__ = ["command"]


@verb("rules test")
@click.option("--rule", metavar="RULE", help=helped("help.only"))
@click.option("--strict/--lenient", default=False, help=helped("help.strict"))
@format_option
@rulesets_option
def command(words: Words, rule: str | None, strict: bool, form: str, rulesets: tuple[Path, ...]) -> Exit:
    """Run the tests and tell the differences and what is not covered."""
    with load(roots(rulesets), None, words, concluder="chainer") as rules:
        [bundle] = rules.snapshot().bundles
        tests = [test for test in rule_tests(bundle.source) if rule is None or test.rule == rule]
        results = [run(test, rules) for test in tests]
    possible = possible_outcomes(bundle)
    chosen = {name: outcomes for name, outcomes in possible.items() if rule is None or name == rule}
    coverage = measure(results, chosen)
    failed = [result for result in results if result.differences]
    if form == "json":
        click.echo(json.dumps(_document(results, coverage), ensure_ascii=False, indent=2))
    else:
        _tell(failed, coverage, words)
        click.echo(words("test.summary", count=len(tests), failed=len(failed)))
    return Exit.FAILING if failed or (strict and coverage.uncovered) else Exit.OK


def _document(results: Sequence[Result], coverage: Coverage) -> dict[str, object]:
    """Totals, failures and what is not covered."""
    failed = [result for result in results if result.differences]
    return {
        "tests": len(results),
        "failures": len(failed),
        "rules": len(coverage.possible),
        "rules_covered": coverage.rules_covered,
        "outcomes_possible": coverage.outcomes_possible,
        "outcomes_covered": coverage.outcomes_covered,
        "failed": [
            {"place": result.test.place, "name": result.test.name, "differences": list(result.differences)}
            for result in failed
        ],
        "uncovered": [
            {
                "rule": rule,
                "outcome": one.outcome.value,
                "severity": one.severity.name if one.severity else "",
            }
            for rule, one in coverage.uncovered
        ],
    }


def _name(severity: Severity | None) -> str:
    return severity.name if severity is not None else ""


def _tell(failed: Sequence[Result], coverage: Coverage, words: Words) -> None:
    for result in failed:
        why = "; ".join(result.differences)
        click.echo(words("test.failed", place=result.test.place, name=result.test.name, why=why))
    for rule, outcome in coverage.uncovered:
        click.echo(words("test.uncovered", rule=rule, outcome=_named(outcome, words)))
    click.echo(
        words(
            "test.coverage",
            rules=len(coverage.possible),
            rules_covered=coverage.rules_covered,
            possible=coverage.outcomes_possible,
            covered=coverage.outcomes_covered,
        )
    )


def _named(one: Possible, words: Words) -> str:
    outcome = words(f"outcome.{one.outcome.value}")
    return outcome if one.severity is None else f"{outcome}·{words(f'level.{one.severity.name}')}"
