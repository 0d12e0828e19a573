"""`rules-service rules test`: run the tests that come with the rules, and tell what they cover and miss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from rules_service.authoring.coverage import BranchCoverage
from rules_service.authoring.examination import Examination, Mutation, examine
from rules_service.authoring.mutants import Mutant
from rules_service.authoring.trials import Verdict
from rules_service.cli.exits import Exit
from rules_service.cli.loading import load, roots
from rules_service.cli.options import format_option, helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.compile.possible import Possible

__all__ = ["command"]

_MOST_SURVIVORS = 2.0  # per cent
_NEAR = 3  # tests that came near are told


@verb("rules test")
@click.option("--rule", metavar="RULE", help=helped("help.only"))
@click.option("--mutation/--no-mutation", default=None, help=helped("help.mutation"))
@click.option("--branches/--no-branches", default=None, help=helped("help.branches"))
@click.option("--workers", type=click.IntRange(1), help=helped("help.workers"))
@click.option(
    "--max-survivors", type=float, default=_MOST_SURVIVORS, show_default=True, help=helped("help.survivors")
)
@click.option("--strict/--lenient", default=False, help=helped("help.strict"))
@format_option
@rulesets_option
def command(
    words: Words,
    *,
    rule: str | None,
    mutation: bool | None,
    branches: bool | None,
    workers: int | None,
    max_survivors: float,
    strict: bool,
    form: str,
    rulesets: tuple[Path, ...],
) -> Exit:
    """Run the tests, and tell the differences, what is not covered, and what no test notices."""
    mutate = mutation if mutation is not None else form == "json"
    take_apart = branches if branches is not None else mutate or form == "json"
    with load(roots(rulesets), None, words, concluder="chainer") as rules:
        [bundle] = rules.snapshot().bundles
        found = examine(rules, bundle, rule=rule, branches=take_apart, mutation=mutate, workers=workers)
    if form == "json":
        click.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
    else:
        for line in _lines(found, words):
            click.echo(line)
    mutated = found.mutation
    wanting = bool(found.failed) or (mutated is not None and bool(mutated.faults))
    if strict:
        wanting |= bool(found.coverage.uncovered) or bool(found.unconfirmed)
        wanting |= mutated is not None and mutated.share * 100 > max_survivors
    return Exit.FAILING if wanting else Exit.OK


def _document(found: Examination) -> dict[str, object]:
    """Totals, failures, what is not covered, and the mutants that no test notices."""
    document: dict[str, object] = {
        **found.totals(),
        "failed": [
            {"place": result.test.place, "name": result.test.name, "differences": list(result.differences)}
            for result in found.failed
        ],
        "unconfirmed_tests": [
            {"place": result.test.place, "name": result.test.name} for result in found.unconfirmed
        ],
        "uncovered": [
            {
                "rule": rule,
                "outcome": one.outcome.value,
                "severity": one.severity.name if one.severity is not None else "",
            }
            for rule, one in found.coverage.uncovered
        ],
    }
    branches = found.branches
    if branches is not None:
        document["branches_uncovered"] = [
            {"rule": one.rule, "part": one.part, "case": one.case} for one in branches.uncovered
        ]
        document["parameters_one_sided"] = branches.one_sided
        document["table_rows_unused"] = [{"table": table, "row": row} for table, row in branches.unused_rows]
    mutation = found.mutation
    if mutation is not None:
        document["survivors"] = [_survivor(*survivor) for survivor in mutation.survivors]
        document["explained"] = [
            {"mutant": mutant.id, "reason": entry.reason, "place": entry.place}
            for mutant, entry in mutation.explained
        ]
        document["equivalents_faults"] = [
            {"place": entry.place, "mutant": entry.mutant, "fault": fault} for entry, fault in mutation.faults
        ]
    return document


def _survivor(mutant: Mutant, verdict: Verdict) -> dict[str, object]:
    told = verdict.difference
    return {
        "mutant": mutant.id,
        "kind": mutant.kind,
        "place": f"{mutant.source.file}:{mutant.source.line}",
        "state": dict(told.state) if told is not None else {},
        "element": dict(told.element) if told is not None else {},
        "before": told.before if told is not None else "",
        "after": told.after if told is not None else "",
        "near": list(verdict.tests),
    }


def _lines(found: Examination, words: Words) -> Iterator[str]:
    for result in found.failed:
        why = "; ".join(result.differences)
        yield words("test.failed", place=result.test.place, name=result.test.name, why=why)
    for result in found.unconfirmed:
        yield words("test.unconfirmed", place=result.test.place, name=result.test.name)
    coverage = found.coverage
    for rule, outcome in coverage.uncovered:
        yield words("test.uncovered", rule=rule, outcome=_named(outcome, words))
    if found.branches is not None:
        yield from _branch_lines(found.branches, words)
    if found.mutation is not None:
        yield from _mutation_lines(found.mutation, words)
    totals = found.totals()
    if found.unconfirmed:
        yield words("test.unconfirmed_count", **totals)
    yield words("test.coverage", **totals)
    if found.branches is not None:
        yield words("test.branches", **totals)
    if found.mutation is not None:
        yield words("test.mutation", share=f"{found.mutation.share:.1%}", **totals)
    yield words("test.summary", **totals)


def _branch_lines(branches: BranchCoverage, words: Words) -> Iterator[str]:
    for one in branches.uncovered:
        zh, en = branches.words.get(one, (one.case, one.case))
        case = en if words.language == "en" else zh
        yield words("test.branch", rule=one.rule, part=one.part, case=case)
    for name in branches.one_sided:
        yield words("test.one_sided", parameter=name)


def _mutation_lines(mutation: Mutation, words: Words) -> Iterator[str]:
    for entry, fault in mutation.faults:
        yield words("test.equivalent_fault", place=entry.place, mutant=entry.mutant, fault=fault)
    for mutant, verdict in mutation.survivors:
        source = mutant.source
        yield words("test.survivor", place=f"{source.file}:{source.line}", mutant=mutant.id)
        told = verdict.difference
        if told is not None and told.before != told.after:
            state, element = told.state.get(words.language, ""), told.element.get(words.language, "")
            if state:
                yield words("test.case", state=state)
            if element:
                yield words("test.element", state=element)
            yield words("test.said", before=_said(told.before, words), after=_said(told.after, words))
        if verdict.tests:
            places = words("show.listed").join(verdict.tests[:_NEAR])
            yield words("test.near", count=len(verdict.tests), places=places)


def _said(text: str, words: Words) -> str:
    """Outcomes and levels in words; reasons as they are."""
    told = []
    for part in text.split():
        key = next(
            (f"{group}.{part}" for group in ("outcome", "level", "test") if words.has(f"{group}.{part}")), ""
        )
        told.append(words(key) if key else part)
    return " ".join(told)


def _named(one: Possible, words: Words) -> str:
    outcome = words(f"outcome.{one.outcome.value}")
    return outcome if one.severity is None else f"{outcome}·{words(f'level.{one.severity.name}')}"
