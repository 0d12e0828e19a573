"""A ruleset of very many rules: the shipped ones, and invented places that each add thousands of their own.

Names, amounts and places are made up; the conditions have the form and the length of real ones.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

__all__ = ["PER_PLACE", "write_ruleset"]

PER_PLACE: Final = 2_500
"""Rules of one place: its file stays below the limit of 2 MiB."""

# Subject, scope and condition: amounts, weights, texts, lists, shares and dates.
_CONDITIONS: Final = (
    (
        "project",
        "has(project.spend_form) && project.spend_form in ['购置', '服务']",
        "project.requested_fen > {amount}万元 && !(has(project.is_new) && project.is_new)",
    ),
    (
        "indicator",
        'indicator.kind == "QUANTITATIVE" && indicator.value_given',
        'indicator.weight > {points} && indicator.lv3_name.contains("{word}")',
    ),
    (
        "goal",
        'goal.scope == "PROJECT"',
        'goal.goal_text == "" || size(goal.indicators.filter(i, has(i.lv1_code) && i.weight > 5)) > {count}',
    ),
    (
        "item",
        "item.is_detail && has(item.unit_price_yuan)",
        'item.amount_fen > {amount}万元 && item.name.endsWith("{word}")',
    ),
    (
        "project",
        "size(project.goals) > 0",
        'project.goals.exists(g, g.indicators.exists(i, i.kind == "QUALITATIVE" && i.weight >= {points}))',
    ),
    (
        "project",
        "has(project.prior_year_budget_fen) && project.prior_year_budget_fen > 0元",
        "(project.requested_fen - project.prior_year_budget_fen) / project.prior_year_budget_fen > {points}%",
    ),
    (
        "project",
        "has(project.duration_end)",
        'project.duration_end > date("20{year}-12-31") && project.requested_fen >= {amount}万元',
    ),
    (
        "goal",
        "size(goal.indicators) > 0",
        "sum(goal.indicators.map(i, i.weight)) != {points} && !goal.indicators.all(i, has(i.weight))",
    ),
)
_WORDS: Final = ("培训", "设备", "会议", "维修", "宣传", "服务", "改造", "监测")


def write_ruleset(shipped: Path, folder: Path, rules: int) -> Path:
    """Write the shipped rules with ``rules`` more of invented places below ``folder``; the folder of it."""
    made = folder / "rulesets"
    shutil.copytree(shipped, made)
    places = range(-(-rules // PER_PLACE))
    with (made / "regions.yaml").open("a", encoding="utf-8") as regions:
        for place in places:
            name = _place(place)
            regions.write(
                f"- {{code: {name}, name: {{zh: {name}, en: Place {place}}}, parent: 全国, aliases: []}}\n"
            )
    for place in places:
        own = made / "overlays" / _place(place)
        own.mkdir(parents=True)
        count = min(PER_PLACE, rules - place * PER_PLACE)
        (own / "overlay.yaml").write_text(_overlay(place, count), encoding="utf-8")
    return made


def _place(number: int) -> str:
    return f"示例地{number + 1}"


def _overlay(place: int, count: int) -> str:
    document = f"example-{place + 1}"
    lines = [
        f"region: {_place(place)}",
        "title: {zh: 示例地的规则, en: Rules of an example place}",
        "effective_from: 2022-01-01",
        "documents:",
        f"  - {{id: {document}, title: 示例办法, proof: S}}",
        "add:",
    ]
    for number in range(count):
        lines += _check(place, number, document)
    return "\n".join(lines) + "\n"


def _check(place: int, number: int, document: str) -> list[str]:
    subject, scope, fails = _CONDITIONS[number % len(_CONDITIONS)]
    turn = number // len(_CONDITIONS)
    numbers = {
        "amount": 50 + 10 * turn + place,
        "points": 10 + turn % 80,
        "count": 3 + turn % 40,
        "year": 26 + turn % 60,
        "word": _WORDS[turn % len(_WORDS)],
    }
    name = f"X{place + 1:02d}-{number + 1:04d}"
    return [
        f"  - id: {name}",
        '    version: "1"',
        "    family: appropriateness",
        "    service: review",
        f"    subject: {subject}",
        f"    title: {{zh: 示例规则{name}, en: Example rule {name}}}",
        f"    applies_when: {_quoted(scope)}",
        f"    fails_when: {_quoted(fails.format(**numbers))}",
        "    severity: [{level: WARN}]",
        f"    message: {{zh: 示例规则{name}不通过。, en: Example rule {name} fails.}}",
        "    remedy: {zh: 按示例办法修改。, en: Follow the example.}",
        f"    basis: [{{document: {document}, proof: S}}]",
    ]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
