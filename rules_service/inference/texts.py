"""The message catalogue of the limits on decision sets: what is wrong and the cure, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["TEXTS", "Text"]


class Text(NamedTuple):
    """Templates for ``str.format``: the message and its cure in both languages."""

    zh: str
    en: str
    cure_zh: str
    cure_en: str


TEXTS: Mapping[str, Text] = {
    "DEC-DUPLICATE-ID": Text(
        "结论规则编号 {rule} 重复。",
        "The decision id {rule} is used twice.",
        "给其中一条换一个编号。",
        "Give one of them another id.",
    ),
    "DEC-BAD-WORD": Text(
        "结论规则 {rule} 中的“{word}”不是短代码：只能用字母、汉字、数字和 _ . : / -，"
        "以字母、汉字或数字开头，不超过 {limit} 个字符。",
        "“{word}” in decision {rule} is not a short code: letters, digits and _ . : / - only, "
        "a letter or digit first, at most {limit} characters.",
        "改用词表中的代码。",
        "Use a code of the vocabulary.",
    ),
    "DEC-NO-CONDITION": Text(
        "结论规则 {rule} 没有条件。",
        "Decision {rule} has no condition.",
        "在 when 下至少写一个条件。",
        "Write at least one condition under `when`.",
    ),
    "DEC-TOO-MANY-CONDITIONS": Text(
        "结论规则 {rule} 联结了 {count} 个条件，最多 {limit} 个。",
        "Decision {rule} joins {count} conditions; the most is {limit}.",
        "拆成两条规则：前一条用 tag 给出中间结论，后一条以它为条件。",
        "Split it in two: let the first conclude a tag, and match on that tag in the second.",
    ),
    "DEC-TOO-MANY-JOINS": Text(
        "结论规则 {rule} 有 {count} 个联结等式，最多 {limit} 个。",
        "Decision {rule} has {count} join equalities; the most is {limit}.",
        "去掉可由其余等式推出的等式，或拆成两条规则。",
        "Drop the equalities that follow from the others, or split the decision in two.",
    ),
    "DEC-DUPLICATE-ALIAS": Text(
        "结论规则 {rule} 中条件名 {alias} 重复。",
        "The alias {alias} is used twice in decision {rule}.",
        "给其中一个条件换一个名字。",
        "Give one of the conditions another alias.",
    ),
    "DEC-UNKNOWN-KIND": Text(
        "结论规则 {rule} 的条件 {alias} 种类“{kind}”未知。",
        "Condition {alias} of decision {rule} has the unknown kind “{kind}”.",
        "用 finding、history、band、any_pass 或 conclusion。",
        "Use finding, history, band, any_pass or conclusion.",
    ),
    "DEC-UNKNOWN-FIELD": Text(
        "结论规则 {rule} 的条件 {alias} 没有字段“{field}”。",
        "Condition {alias} of decision {rule} has no field “{field}”.",
        "该种类的字段：{fields}。",
        "The fields of this kind are: {fields}.",
    ),
    "DEC-NO-VALUE": Text(
        "结论规则 {rule} 的条件 {alias} 对字段 {field} 没有列出任何值，永远不成立。",
        "Condition {alias} of decision {rule} lists no value for {field}, so it can never hold.",
        "列出允许的值，或去掉该字段。",
        "List the allowed values, or leave the field out.",
    ),
    "DEC-TOO-MANY-VALUES": Text(
        "结论规则 {rule} 的条件 {alias} 一共列出 {count} 个值，最多 {limit} 个。",
        "Condition {alias} of decision {rule} lists {count} values in all; the most is {limit}.",
        "拆成几条规则，用同一个 tag 汇总。",
        "Split it into several decisions that conclude one tag.",
    ),
    "DEC-BAD-INTEGER": Text(
        "结论规则 {rule} 的条件 {alias}：字段 {field} 只能取 {low} 到 {high} 的整数，而不是“{value}”。",
        "Condition {alias} of decision {rule}: {field} is an integer from {low} to {high}, not “{value}”.",
        "改成范围内的整数。",
        "Write an integer of that range.",
    ),
    "DEC-BAD-MINIMUM": Text(
        "结论规则 {rule} 的条件 {alias}：文字字段 {field} 没有最小值。",
        "Condition {alias} of decision {rule}: the text field {field} has no minimum.",
        "列出允许的值。",
        "List the allowed values instead.",
    ),
    "DEC-BAD-JOIN": Text(
        "结论规则 {rule} 的联结 {left} = {right} 指向不存在的条件或字段，"
        "或两边是同一条件，或一边是文字一边是整数。",
        "The join {left} = {right} of decision {rule} names an unknown condition or field, "
        "the same condition twice, or a text and an integer.",
        "写成两个不同条件的同类字段，如 before.rule = now.rule。",
        "Join fields of the same sort of two different conditions, such as before.rule = now.rule.",
    ),
    "DEC-WIDE-JOIN": Text(
        "结论规则 {rule} 的条件 {alias} 只用 {fields} 联结，配对数量没有上限。",
        "Condition {alias} of decision {rule} is joined by {fields} only, "
        "which leaves the number of pairs unbounded.",
        "再加一个 rule（评分等级用 name，同一规则编号）相等的联结。",
        "Also join it on `rule` (on `name` for bands).",
    ),
    "DEC-CYCLE": Text(
        "结论规则互为前提，形成循环：{rules}。",
        "Decisions depend on each other in a circle: {rules}.",
        "去掉其中一条对中间结论的引用。",
        "Take the reference to an intermediate conclusion out of one of them.",
    ),
    "DEC-NO-CONCLUSION": Text(
        "结论规则 {rule} 没有给出任何结论。",
        "Decision {rule} concludes nothing.",
        "在 then 下写 decision、level、action 或 tag。",
        "Write a decision, level, action or tag under `then`.",
    ),
    "DEC-TOO-MANY": Text(
        "结论规则共 {count} 条，最多 {limit} 条。",
        "There are {count} decisions; the most is {limit}.",
        "合并只在取值上不同的规则。",
        "Merge the ones that differ in their values only.",
    ),
}
