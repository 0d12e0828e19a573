"""`rules-service rules generate`: rule tests on every boundary and for every condition, to be confirmed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from rules_service.authoring.changed_rules import changed_rules
from rules_service.authoring.generated import GeneratedTests, generate
from rules_service.authoring.generated_file import generated_yaml
from rules_service.cli.answering import ASSESS, REVIEW
from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import load, roots
from rules_service.cli.options import format_option, helped, place_options, rulesets_option, verb
from rules_service.cli.reading import Item, read_documents, to_message
from rules_service.cli.views import rule_day
from rules_service.cli.words import Words
from rules_service.compile.bundle import Bundle, UnknownRegionError
from rules_service.facts.source import Request

__all__ = ["command"]

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_ASSESS_ONLY = frozenset({"report", "history", "scheduled_checkpoints", "scheduledCheckpoints", "goals"})


@verb("rules generate")
@click.argument("rules", metavar="[RULE]...", nargs=-1)
@click.option("--against", type=_FOLDER, help=helped("help.generate_against"))
@click.option(
    "--request",
    "requests",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=str),
    help=helped("help.generate_request"),
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.generate_out"))
@click.option("--workers", type=click.IntRange(1), help=helped("help.workers"))
@place_options
@format_option
@rulesets_option
def command(
    words: Words,
    *,
    rules: tuple[str, ...],
    against: Path | None,
    requests: tuple[str, ...],
    out: Path | None,
    workers: int | None,
    region: str,
    date: str | None,
    form: str,
    rulesets: tuple[Path, ...],
) -> Exit:
    """Write the cases, and tell what there is, what was made and what was not found."""
    if out is not None and out.exists():
        raise Problem(Exit.USAGE, "generate.exists", file=out)
    seeds = [_request(item) for name in requests for item in read_documents(name)]
    with load(roots(rulesets), None, words, concluder="chainer") as engine:
        [bundle] = engine.snapshot().bundles
        chosen = _chosen(rules, against, bundle, words)
        try:
            made = generate(
                engine,
                bundle,
                chosen,
                region=region or None,
                rule_date=rule_day(date) if date else None,
                seeds=seeds,
                workers=workers,
            )
        except UnknownRegionError as error:
            raise Problem(Exit.RULESET, "rules.no_region", region=error.region) from None
    if out is not None:
        out.write_text(generated_yaml(made), encoding="utf-8")
    if form == "json":
        click.echo(json.dumps(_document(made), ensure_ascii=False, indent=2))
        return Exit.OK
    if out is None:
        sys.stdout.write(generated_yaml(made))
    for line in _lines(made, words):
        click.echo(line, err=out is None)
    return Exit.OK


def _request(item: Item) -> Request:
    document = item.document.get("request", item.document)
    kind = ASSESS if _ASSESS_ONLY & document.keys() else REVIEW
    request: Request = to_message(kind.request, Item(item.place, document))
    return request


def _chosen(rules: Sequence[str], against: Path | None, bundle: Bundle, words: Words) -> list[str]:
    """The rules asked for: by name, as changed since another version, or all."""
    known = bundle.resolver.reads.keys()
    for rule in rules:
        if rule not in known:
            raise Problem(Exit.RULESET, "rules.no_such_rule", rule=rule)
    if against is None:
        return list(rules) or sorted(known)
    changed = changed_rules(compiled([against], words), bundle)
    return [rule for rule in changed if not rules or rule in rules]


def _document(made: GeneratedTests) -> dict[str, object]:
    return {
        **made.totals(),
        "missed": [
            {"rule": rule.rule, "goal": missed.words, "reason": missed.reason}
            for rule in made.rules
            for missed in rule.missed
        ],
        "inactive": [rule.rule for rule in made.rules if not rule.active],
    }


def _lines(made: GeneratedTests, words: Words) -> Iterator[str]:
    totals = made.totals()
    for sort in ("boundary", "atom", "branch"):
        counts = {name: totals[f"{sort}_{name}"] for name in ("wanted", "existing", "made")}
        missed = counts["wanted"] - counts["existing"] - counts["made"]
        yield words(f"generate.{sort}", missed=missed, **counts)
    yield words("generate.summary", **totals)
