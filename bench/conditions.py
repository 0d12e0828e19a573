"""The twenty conditions on which the engines are compared, in the language of each, and the records."""

from __future__ import annotations

from random import Random
from typing import Any, Final, NamedTuple

__all__ = ["CONDITIONS", "FACTS", "OPTIONAL", "Condition", "records"]

FACTS: Final = {
    "name": "text",
    "unit": "text",
    "kind": "code",
    "operator": "code",
    "polarity": "code",
    "weight": "score",
    "value": "quantity",
    "base": "quantity",
    "prior": "quantity",
    "upper": "quantity",
    "budget": "money",
    "spent": "money",
    "is_core": "boolean",
}
"""The fields of a record, with their kinds in this project's language; money is in 分."""

OPTIONAL: Final = frozenset({"prior", "upper"})
"""Fields that some records do not have."""

Json = dict[str, Any]


class Condition(NamedTuple):
    """One condition: as this project, CEL and ZEN write it, and as durable-rules reads it.

    ``durable`` are the conditions of one rule.  The library compares a field with a literal or with an
    expression over a fact that another condition of the rule has bound, so that one that compares two
    fields of a record binds the record first (``a``) and then meets it again.
    """

    ours: str
    cel: str
    zen: str
    durable: tuple[Json, ...]


def _simple(text: str, *durable: Json, zen: str = "") -> Condition:
    """A condition that CEL writes as we do; in ZEN the joining words differ at most."""
    in_zen = zen or text.replace("&&", "and").replace("||", "or")
    return Condition(text, text, in_zen, durable)


def _any(name: str, *values: str) -> Json:
    return {"$or": [{name: value} for value in values]}


def _of_a(name: str) -> Json:
    return {"a": name}


_BOUND: Final[Json] = {"$ex": {"kind": 1}}  # every record has a kind

CONDITIONS: Final = (
    _simple("r.value >= 90", {"$gte": {"value": 90}}),
    _simple("r.weight < 10", {"$lt": {"weight": 10}}),
    _simple('r.kind == "QUANTITATIVE"', {"kind": "QUANTITATIVE"}),
    _simple(
        'r.kind != "QUANTITATIVE" && r.value > 0',
        {"$and": [{"$neq": {"kind": "QUANTITATIVE"}}, {"$gt": {"value": 0}}]},
    ),
    _simple("r.weight <= 5 || r.value > 95", {"$or": [{"$lte": {"weight": 5}}, {"$gt": {"value": 95}}]}),
    _simple('r.unit in ["个", "台", "套", "人次"]', _any("unit", "个", "台", "套", "人次")),
    _simple(
        '!(r.unit in ["%", "元"])',
        {"$and": [{"$neq": {"unit": "%"}}, {"$neq": {"unit": "元"}}]},
        zen='not (r.unit in ["%", "元"])',
    ),
    _simple('r.name.contains("满意")', {"$mt": {"name": ".*满意.*"}}, zen='contains(r.name, "满意")'),
    _simple('r.name.startsWith("城关镇")', {"$mt": {"name": "城关镇.*"}}, zen='startsWith(r.name, "城关镇")'),
    _simple('r.name.endsWith("率")', {"$mt": {"name": ".*率"}}, zen='endsWith(r.name, "率")'),
    _simple("has(r.prior)", {"$ex": {"prior": 1}}, zen="r.prior != null"),
    _simple(
        "has(r.prior) && r.value < r.prior",
        {"$ex": {"prior": 1}},
        {"$lt": {"value": _of_a("prior")}},
        zen="r.prior != null and r.value < r.prior",
    ),
    _simple(
        "has(r.upper) && r.upper > 100", {"$gt": {"upper": 100}}, zen="r.upper != null and r.upper > 100"
    ),
    _simple("r.value > r.base * 2", _BOUND, {"$gt": {"value": {"$mul": {"$l": _of_a("base"), "$r": 2}}}}),
    Condition(
        "r.budget > r.spent + 10万元",
        "r.budget > r.spent + 10000000",
        "r.budget > r.spent + 10000000",
        (_BOUND, {"$gt": {"budget": {"$add": {"$l": _of_a("spent"), "$r": 10_000_000}}}}),
    ),
    Condition(
        "r.spent <= r.budget - 5万元",
        "r.spent <= r.budget - 5000000",
        "r.spent <= r.budget - 5000000",
        (_BOUND, {"$lte": {"spent": {"$sub": {"$l": _of_a("budget"), "$r": 5_000_000}}}}),
    ),
    _simple("r.is_core", {"is_core": True}),
    _simple(
        "!r.is_core && r.weight >= 10",
        {"$and": [{"is_core": False}, {"$gte": {"weight": 10}}]},
        zen="not r.is_core and r.weight >= 10",
    ),
    _simple(
        'r.polarity == "POSITIVE" && r.operator in ["LE", "LT"]',
        {"$and": [{"polarity": "POSITIVE"}, _any("operator", "LE", "LT")]},
    ),
    _simple(
        '(r.value == 0 || r.value > 100) && r.unit == "%"',
        {"$and": [{"$or": [{"value": 0}, {"$gt": {"value": 100}}]}, {"unit": "%"}]},
    ),
)

_NAMES = ("验收合格率", "服务群众满意度", "受益村组数", "完成任务数", "资金拨付及时率")
_TOWNS = ("城关镇", "流水镇", "大河镇", "关庙镇")


def records(count: int) -> list[Json]:
    """Records that meet each condition sometimes: whole numbers, and fields missing here and there."""
    chance = Random("records")  # noqa: S311 - reproducible variety, nothing secret
    made = []
    for _ in range(count):
        record: Json = {
            "name": chance.choice(_TOWNS) + chance.choice(_NAMES),
            "unit": chance.choice(("个", "人次", "%", "元", "项", "天")),
            "kind": chance.choice(("QUANTITATIVE", "QUANTITATIVE", "QUALITATIVE")),
            "operator": chance.choice(("GE", "GE", "LE", "LT", "EQ")),
            "polarity": chance.choice(("POSITIVE", "POSITIVE", "NEGATIVE")),
            "weight": chance.randint(1, 20),
            "value": chance.choice((0, chance.randint(1, 130))),
            "base": chance.randint(1, 80),
            "prior": chance.randint(1, 130),
            "upper": chance.randint(60, 130),
            "budget": chance.randint(1, 5000) * 10_000,
            "spent": chance.randint(1, 5000) * 10_000,
            "is_core": chance.random() < 0.3,
        }
        for name in OPTIONAL:
            if chance.random() < 0.4:
                del record[name]
        made.append(record)
    return made
