"""`rules-service library lookup`: core indicators by class or name, as the service answers them."""

from __future__ import annotations

from pathlib import Path

import click
from google.protobuf import json_format

from rules_service.cli.diagnosing import compiled
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import format_option, helped, place_options, rulesets_option, verb
from rules_service.cli.show import console, show_table
from rules_service.cli.views import rule_day, view_of
from rules_service.cli.words import Words
from rules_service.engine.lookup import MAX_PAGE_SIZE, LookUpError, look_up
from rules_service.facts.violation_texts import violation_text
from rules_service.pb.budget.rules.v1.application_pb2 import IndicatorOperator
from rules_service.pb.budget.rules.v1.library_service_pb2 import CoreIndicator, LookUpRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import LANGUAGE_EN, LANGUAGE_ZH, RequestContext

__all__ = ["command"]


@verb("library lookup")
@click.option("--library", default="", help=helped("help.library_which"))
@click.option("--industry", default="", help=helped("help.library_industry"))
@click.option("--category", default="", help=helped("help.library_category"))
@click.option("--use", default="", help=helped("help.library_use"))
@click.option("--name", default="", help=helped("help.library_name"))
@click.option("--common", is_flag=True, help=helped("help.library_common"))
@click.option(
    "--page-size", type=click.IntRange(1, MAX_PAGE_SIZE), default=50, help=helped("help.library_page")
)
@click.option("--page-token", default="", help=helped("help.library_token"))
@place_options
@format_option
@rulesets_option
def command(
    words: Words,
    *,
    library: str,
    industry: str,
    category: str,
    use: str,
    name: str,
    common: bool,
    page_size: int,
    page_token: str,
    region: str,
    date: str | None,
    form: str,
    rulesets: tuple[Path, ...],
) -> Exit:
    """Look up core indicators."""
    view = view_of(compiled(roots(rulesets), words), region, date)
    request = LookUpRequest(
        context=RequestContext(language=LANGUAGE_EN if words.language == "en" else LANGUAGE_ZH),
        region_code=region,
        library_id=library,
        common=common,
        industry_code=industry,
        category_code=category,
        use_code=use,
        name_contains=name,
        page_size=page_size,
        page_token=page_token,
    )
    try:
        answer = look_up(view, request, rule_day(date))
    except LookUpError as error:
        why = "；".join(f"{each.path}：{violation_text(each, words.language)}" for each in error.violations)
        raise Problem(Exit.USAGE, "library.refused_question", why=why) from None
    if form == "json":
        click.echo(json_format.MessageToJson(answer, preserving_proto_field_name=True, ensure_ascii=False))
        return Exit.OK
    if not answer.searched:
        known = "、".join(each.library_id for each in answer.available) or "–"
        raise Problem(Exit.RULESET, "library.none", known=known)
    if answer.classes:
        heads = [words(f"library.{column}") for column in ("class", "class_name", "size")]
        rows = [(each.code, each.name, str(each.indicator_count)) for each in answer.classes]
        show_table(console(), heads, rows)
    heads = [
        words(f"library.{column}") for column in ("code", "indicator", "level2", "reference", "required")
    ]
    show_table(console(), heads, [_row(each, words) for each in answer.indicators])
    more = words("library.more") if answer.total_is_minimum else ""
    click.echo(words("library.found", count=answer.total_count, more=more))
    if answer.next_page_token:
        click.echo(words("library.next_page", token=answer.next_page_token))
    return Exit.OK


def _row(indicator: CoreIndicator, words: Words) -> tuple[str, ...]:
    operator = IndicatorOperator.Name(indicator.operator).removeprefix("INDICATOR_OPERATOR_")
    sign = words(f"code.{operator}") if words.has(f"code.{operator}") else ""
    reference = indicator.reference_value or f"{sign}…{indicator.unit}"
    required = words("library.yes" if indicator.required else "library.no")
    return (indicator.core_indicator_code, indicator.name, indicator.lv2_code, reference, required)
