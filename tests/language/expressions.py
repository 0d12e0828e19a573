"""Random expressions over the small catalogue, well kinded by construction, and random facts.

Each is made twice: as our text and as the CEL text of the same meaning.  ``shared`` keeps to what both
languages have (whole numbers, texts, codes, truths, lists without gaps, their macros).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from rules_service.language.typed import ParameterType
from tests.language.support import Record, parameter_type, small_catalogue

Pair = tuple[str, str]

TEXTS = ("", "甲", "乙丙", "a", "ab", "a甲b", "率", "x率", "1")
CODES = ("A", "B", "产业", "民生")
PATTERNS = ("^a", "率$", "[0-9]", "甲|乙", "^$", "a.b")
PARAMETERS: dict[str, tuple[str, str | None]] = {
    "count_gt": ("count", "GT"),
    "count_ge": ("count", "GE"),
    "count_lt": ("count", "LT"),
    "count_le": ("count", "LE"),
    "count_eq": ("count", "EQ"),
    "count": ("count", None),
    "codes": ("list<code>", "IN"),
    "texts": ("list<text>", None),
    "money_ge": ("money", "GE"),
    "points_gt": ("points", "GT"),
    "rate_lt": ("rate", "LT"),
    "score": ("score", None),
    "flag": ("boolean", None),
    "day": ("date", None),
}
TYPES: dict[str, ParameterType] = {name: parameter_type(*spec) for name, spec in PARAMETERS.items()}
SIGNS = {"GT": ">", "GE": ">=", "LT": "<", "LE": "<=", "EQ": "=="}
VISIBLE = {
    "project": ("project",),
    "goal": ("project", "goal"),
    "indicator": ("project", "goal", "indicator"),
    "item": ("project", "item"),
}
BY_KIND: dict[str, list[str]] = {}
for _fact in small_catalogue():
    BY_KIND.setdefault(_fact.kind if _fact.kind != "list" else f"list<{_fact.element}>", []).append(
        _fact.name
    )


class Maker:
    """Makes expressions of a check of one subject."""

    def __init__(self, rng: Random, *, shared: bool, subject: str = "goal") -> None:
        self.rng, self.shared, self.visible = rng, shared, VISIBLE[subject]
        self.variables: list[tuple[str, str]] = []  # (name, subject or kind)
        self.lets: dict[str, str] = {}  # named values by name: kind

    def boolean(self, depth: int) -> Pair:
        """A condition of at most this depth."""
        rng = self.rng
        if depth <= 0:
            return self._boolean_leaf()
        makers: list[tuple[int, Callable[[int], Pair]]] = [
            (5, self._logic),
            (2, self._not),
            (8, self._comparison),
            (3, self._macro),
            (2, self._text_test),
            (2, self._in),
            (2, self._meets),
            (1, self._choice),
            (1, self._has),
            (1, self._same_truth),
        ]
        weights = [weight for weight, _ in makers]
        return rng.choices([maker for _, maker in makers], weights)[0](depth)

    def _boolean_leaf(self) -> Pair:
        if self.rng.random() < 0.1:
            text = self.rng.choice(("true", "false"))
            return text, text
        return self.fact("boolean") if self.rng.random() < 0.85 else self._has(0)

    def _logic(self, depth: int) -> Pair:
        sign = self.rng.choice(("&&", "||"))
        parts = [self.boolean(depth - 1) for _ in range(self.rng.choice((2, 2, 2, 3)))]
        return self._join(f" {sign} ", parts)

    def _join(self, sign: str, parts: list[Pair]) -> Pair:
        return f"({sign.join(part[0] for part in parts)})", f"({sign.join(part[1] for part in parts)})"

    def _not(self, depth: int) -> Pair:
        inner = self.boolean(depth - 1)
        return f"!({inner[0]})", f"!({inner[1]})"

    def _same_truth(self, depth: int) -> Pair:
        return self._join(
            self.rng.choice((" == ", " != ")), [self.boolean(depth - 2), self.boolean(depth - 2)]
        )

    def _choice(self, depth: int) -> Pair:
        return self._cond(self.boolean(depth - 1), self.boolean(depth - 1), self.boolean(depth - 1))

    def _cond(self, test: Pair, yes: Pair, no: Pair) -> Pair:
        return f"({test[0]} ? {yes[0]} : {no[0]})", f"({test[1]} ? {yes[1]} : {no[1]})"

    def _comparison(self, depth: int) -> Pair:
        rng = self.rng
        kinds = ["count", "count", "text", "code"]
        if not self.shared:
            kinds += ["money", "money", "rate", "points", "quantity", "score", "number", "date"]
        kind = rng.choice(kinds)
        if kind in {"text", "code"}:
            sign = rng.choice((" == ", " != "))
            left = self.text(depth - 1) if kind == "text" else self.fact("code")
            right = self.text(depth - 1) if kind == "text" else self._code(left)
            return self._join(sign, [left, right])
        sign = rng.choice((" == ", " != ", " < ", " <= ", " > ", " >= "))
        return self._join(sign, [self.value(kind, depth - 1), self.value(kind, depth - 1)])

    def _code(self, _other: Pair) -> Pair:
        return self._quoted(self.rng.choice(CODES)) if self.rng.random() < 0.7 else self.fact("code")

    def _quoted(self, text: str) -> Pair:
        return f'"{text}"', f'"{text}"'

    def text(self, depth: int) -> Pair:
        """A text."""
        if depth > 1 and self.rng.random() < 0.15:
            return self._cond(self.boolean(depth - 1), self.text(0), self.text(0))
        return self.fact("text") if self.rng.random() < 0.6 else self._quoted(self.rng.choice(TEXTS))

    def _text_test(self, depth: int) -> Pair:
        text = self.fact("text")
        method = self.rng.choice(("contains", "startsWith", "endsWith", "matches"))
        other = self._quoted(self.rng.choice(PATTERNS)) if method == "matches" else self.text(depth - 1)
        return f"{text[0]}.{method}({other[0]})", f"{text[1]}.{method}({other[1]})"

    def _in(self, depth: int) -> Pair:
        rng = self.rng
        choice = rng.randrange(5)
        if choice == 0:
            return self._pair_in(self.fact("code"), [self._quoted(code) for code in rng.sample(CODES, 2)])
        if choice == 1:
            items = self.fact("list<text>")
            text = self.text(0)
            return f"({text[0]} in {items[0]})", f"({text[1]} in {items[1]})"
        if choice == 2:
            # A gap beside a definite match is an error in CEL, so the list is written out as alternatives.
            value, listed = self.value("count", depth - 1), [self.value("count", depth - 1) for _ in range(3)]
            ours = f"({value[0]} in [{', '.join(item[0] for item in listed)}])"
            return ours, f"({' || '.join(f'{value[1]} == {item[1]}' for item in listed)})"
        if choice == 3 and not self.shared:
            text = self.text(0)
            return f"({text[0]} in param.texts)", ""
        years, value = self.fact("list<count>"), self.value("count", 0)
        return f"({value[0]} in {years[0]})", f"({value[1]} in {years[1]})"

    def _pair_in(self, value: Pair, items: list[Pair]) -> Pair:
        return (
            f"({value[0]} in [{', '.join(item[0] for item in items)}])",
            f"({value[1]} in [{', '.join(item[1] for item in items)}])",
        )

    def _meets(self, depth: int) -> Pair:
        names = [name for name in PARAMETERS if PARAMETERS[name][1]]
        if self.shared:
            names = [name for name in names if PARAMETERS[name][0] in {"count", "list<code>"}]
        name = self.rng.choice(names)
        kind, operator = PARAMETERS[name]
        if operator == "IN":
            value = self.fact("code")
            return f"meets({value[0]}, param.{name})", f"({value[1]} in param.{name})"
        value = self.value(kind, depth - 1)
        return f"meets({value[0]}, param.{name})", f"({value[1]} {SIGNS[str(operator)]} param.{name})"

    def _has(self, _depth: int) -> Pair:
        kinds = ("count", "text", "code", "boolean")
        fact = self.fact(self.rng.choice(kinds), plain=True)
        return f"has({fact[0]})", f"has({fact[1]})"

    # --- lists -------------------------------------------------------------------------------------

    def _list(self, depth: int) -> tuple[Pair, str]:
        """A list of subjects, perhaps filtered, and the subject of its elements."""
        lists = [("item", "project.items"), ("goal", "project.goals")]
        lists += [("indicator", f"{name}.indicators") for name, of in self.variables if of == "goal"]
        lists += [
            (of.removeprefix("list:"), name) for name, of in self.lets.items() if of.startswith("list:")
        ]
        if "goal" in self.visible:
            lists += [("indicator", "goal.indicators")] * 2
        subject, text = self.rng.choice(lists)
        pair = (text, text)
        if depth > 0 and self.rng.random() < 0.3:
            pair = self._with_variable(pair, "filter", subject, lambda: self.boolean(depth - 1))
        return pair, subject

    def _with_variable(self, items: Pair, macro: str, of: str, body: Callable[[], Pair]) -> Pair:
        name = f"x{len(self.variables)}"
        self.variables.append((name, of))
        inner = body()
        self.variables.pop()
        return f"{items[0]}.{macro}({name}, {inner[0]})", f"{items[1]}.{macro}({name}, {inner[1]})"

    def _macro(self, depth: int) -> Pair:
        if len(self.variables) >= 2:
            return self._comparison(depth)
        macro = self.rng.choice(("exists", "all", "exists", "all", "exists_one"))
        if self.rng.random() < 0.15:
            kind = self.rng.choice(("list<text>", "list<count>"))
            return self._with_variable(
                self.fact(kind), macro, kind[5:-1], lambda: self._about_variable(kind[5:-1], depth - 1)
            )
        items, subject = self._list(depth - 1)
        return self._with_variable(items, macro, subject, lambda: self.boolean(depth - 1))

    def _about_variable(self, kind: str, depth: int) -> Pair:
        name = self.variables[-1][0]
        other = self.text(0) if kind == "text" else self.value("count", 0)
        sign = self.rng.choice((" == ", " != ")) if kind == "text" else self.rng.choice((" < ", " >= "))
        first = self._join(sign, [(name, name), other])
        return self._join(self.rng.choice((" && ", " || ")), [first, self.boolean(depth - 1)])

    def _numbers(self, kind: str, depth: int) -> Pair:
        """A list of numbers of a kind."""
        names = {"count": "rank", "score": "weight", "quantity": "target", "rate": "done", "date": "due"}
        if kind == "money":
            if self.rng.random() < 0.4:
                return self.fact("list<money>")
            return self._with_variable(
                ("project.items", "project.items"), "map", "item", lambda: self.value("money", depth - 1)
            )
        text = "goal.indicators" if "goal" in self.visible else "project.goals"
        subject = "indicator" if "goal" in self.visible else "goal"
        items = (text, text)
        if depth > 0 and self.rng.random() < 0.4:
            items = self._with_variable(items, "filter", subject, lambda: self.boolean(depth - 1))
        if subject == "indicator" and kind in names and self.rng.random() < 0.5:
            name = f"x{len(self.variables)}"
            return (
                f"{items[0]}.map({name}, {name}.{names[kind]})",
                f"{items[1]}.map({name}, {name}.{names[kind]})",
            )
        return self._with_variable(items, "map", subject, lambda: self.value(kind, depth - 1))

    # --- numbers -----------------------------------------------------------------------------------

    def value(self, kind: str, depth: int) -> Pair:
        """A number or date of a kind."""
        if depth <= 0 or self.rng.random() < 0.3:
            return self._number_leaf(kind)
        if self.shared:
            return self._count(depth)
        return self._full(kind, depth)

    def _count(self, depth: int) -> Pair:
        rng = self.rng
        choice = rng.randrange(7)
        if choice == 0:
            return self._cond(
                self.boolean(depth - 1), self.value("count", depth - 1), self.value("count", depth - 1)
            )
        if choice == 1:
            text = self.fact("text")
            return f"size({text[0]})", f"size({text[1]})"
        if choice == 2:
            items, _ = self._list(depth - 1)
            return f"size({items[0]})", f"size({items[1]})"
        if choice == 3:
            if len(self.variables) < 2:
                items = self._numbers("count", depth - 1)
                return f"size({items[0]})", f"size({items[1]})"
            return self._number_leaf("count")
        if choice == 4:
            inner = self.value("count", depth - 1)
            return f"(-{inner[0]})", f"(-{inner[1]})"
        sign = rng.choice((" + ", " - ", " * "))
        return self._join(sign, [self.value("count", depth - 1), self.value("count", depth - 1)])

    def _full(self, kind: str, depth: int) -> Pair:
        rng = self.rng
        inner = depth - 1
        if kind == "date":
            if rng.random() < 0.3:
                return f"months_after({self.value('date', inner)[0]}, {rng.randrange(-20, 20)})", ""
            return self._of(rng.choice((" + ", " - ")), ("date", "count"), inner)
        options: list[Callable[[], Pair]] = [
            lambda: self._cond(self.boolean(inner), self.value(kind, inner), self.value(kind, inner)),
            lambda: (f"abs({self.value(kind, inner)[0]})", ""),
            lambda: (f"(-{self.value(kind, inner)[0]})", ""),
            *([lambda: (f"floor({self.value(kind, inner)[0]})", "")] if kind == "money" else []),
        ]
        if len(self.variables) < 2 and kind not in {"points", "number"}:
            name = rng.choice(("sum", "min", "max", "avg") if kind != "count" else ("sum", "min", "max"))
            options.append(lambda: (f"{name}({self._numbers(kind, inner)[0]})", ""))
        recipes: dict[str, list[tuple[str, str, str]]] = {
            "money": [
                (" + ", "money", "money"),
                (" - ", "money", "money"),
                (" * ", "money", "rate"),
                (" * ", "count", "money"),
                (" / ", "money", "count"),
                (" / ", "money", "quantity"),
                (" * ", "quantity", "money"),
                (" / ", "money", "rate"),
            ],
            "rate": [
                (" / ", "money", "money"),
                (" / ", "score", "score"),
                (" + ", "rate", "points"),
                (" - ", "rate", "points"),
                (" * ", "rate", "rate"),
                (" / ", "rate", "number"),
                (" / ", "quantity", "quantity"),
            ],
            "points": [(" - ", "rate", "rate"), (" + ", "points", "points"), (" * ", "points", "number")],
            "quantity": [
                (" + ", "quantity", "quantity"),
                (" * ", "quantity", "rate"),
                (" * ", "quantity", "quantity"),
                (" / ", "quantity", "count"),
                (" + ", "quantity", "number"),
            ],
            "count": [(" + ", "count", "count"), (" * ", "count", "count"), (" - ", "date", "date")],
            "score": [(" + ", "score", "score"), (" * ", "score", "rate"), (" - ", "score", "number")],
            "number": [
                (" + ", "number", "number"),
                (" / ", "number", "number"),
                (" / ", "count", "number"),
                (" * ", "number", "count"),
            ],
        }
        for sign, left, right in recipes[kind]:
            options.append(partial(self._of, sign, (left, right), inner))
        return rng.choice(options)()

    def _of(self, sign: str, kinds: tuple[str, str], depth: int) -> Pair:
        return self._join(sign, [self.value(kinds[0], depth), self.value(kinds[1], depth)])

    def _number_leaf(self, kind: str) -> Pair:
        rng = self.rng
        named = [name for name, of in self.lets.items() if of == kind]
        if named and rng.random() < 0.3:
            return rng.choice(named), ""
        if (
            kind == "money"
            and rng.random() < 0.2
            and "item" in (*self.visible, *(of for _, of in self.variables))
        ):
            return self.fact("price")
        if rng.random() < 0.35 or kind in {"points", "number"}:
            return self._literal(kind)
        if kind == "rate":
            return self.fact(rng.choice(("rate", "ratio<rate>")))
        return self.fact(kind)

    def _literal(self, kind: str) -> Pair:
        rng = self.rng
        if kind == "date":
            return (
                f'date("20{rng.randrange(20, 26)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}")',
                "",
            )
        number = str(rng.randrange(0, 6))
        if self.shared or kind == "count":
            return number, number
        if rng.random() < 0.4:
            number += f".{rng.randrange(0, 100)}"
        units = {"money": ("元", "分", "万元", "亿元"), "rate": ("%",), "points": ("pp",)}.get(kind, ("",))
        unit = rng.choice(units)
        if unit == "分":
            number = number.partition(".")[0]
        if unit in {"%", "pp"}:
            number = str(rng.randrange(0, 100))
        return f"{number}{unit}", ""

    def fact(self, kind: str, *, plain: bool = False) -> Pair:
        """A fact that a check of ``goal`` may name, of the project, the goal or a variable's element."""
        if kind == "boolean" and not plain and not self.shared and self.rng.random() < 0.05:
            return self.rng.choice(("param.flag", "has(param.flag)")), ""
        names = [name for name in BY_KIND.get(kind, ()) if name.partition(".")[0] in self.visible]
        for variable, of in self.variables:
            names += [
                f"{variable}.{name.partition('.')[2]}"
                for name in BY_KIND.get(kind, ())
                if name.startswith(f"{of}.")
            ] * 2
        if not names:
            return self._literal(kind)
        name = self.rng.choice(names)
        return name, name


def facts(rng: Random, *, shared: bool, gap: float) -> tuple[Record, Record]:
    """A project with goals, indicators and items, and its first goal; ``gap`` of the facts are missing."""
    project = _record(rng, "project", shared=shared, gap=gap)
    project["goals"] = project["goals"] or [_record(rng, "goal", shared=shared, gap=gap)]
    return project, project["goals"][0]


def _record(rng: Random, subject: str, *, shared: bool, gap: float) -> Record:
    record: Record = {"subject": subject}
    for fact in small_catalogue().of(subject):
        value = None if rng.random() < gap else _value(rng, fact.kind, fact.element, shared=shared, gap=gap)
        record[fact.short] = value
        # In CEL a field is there or not; ours may also be unknown.
        record[f"has:{fact.short}"] = value is not None if shared else rng.choice((True, False, None))
    return record


def _value(  # noqa: PLR0911 - one line a kind
    rng: Random, kind: str, element: str | None, *, shared: bool, gap: float
) -> Any:
    match kind:
        case "boolean":
            return rng.random() < 0.5
        case "text":
            return rng.choice(TEXTS)
        case "code":
            return rng.choice(CODES)
        case "count":
            return rng.randrange(0, 6)
        case "date":
            return 737425 + rng.randrange(0, 2000)
        case "money" | "price":
            return rng.choice((0, 1, 100, 300, 30000, 10**6, rng.randrange(-(10**5), 10**15)))
        case "rate" | "score" | "quantity":
            return rng.choice((0, 10**12, 5 * 10**11, 10**11, 3 * 10**12, rng.randrange(-(10**13), 10**15)))
        case "ratio<rate>":
            return rng.choice(
                ((0, 1), (1, 2), (1, 10), (3, 3), (rng.randrange(-50, 50), rng.randrange(1, 50)))
            )
        case "list":
            size = rng.choice((0, 1, 2, 2, 3))
            if element in small_catalogue().subjects:
                return [_record(rng, str(element), shared=shared, gap=gap) for _ in range(size)]
            inner = [_value(rng, str(element), None, shared=shared, gap=gap) for _ in range(size)]
            return inner if shared else [None if rng.random() < gap / 2 else item for item in inner]
    return None


def parameter_values(rng: Random, *, gap: float) -> dict[str, Any]:
    """Values of the parameters, some of them empty."""
    values: dict[str, Any] = {}
    for name, (kind, _) in PARAMETERS.items():
        if rng.random() < gap:
            values[name] = None
        elif kind.startswith("list<"):
            values[name] = tuple(rng.sample(CODES if kind == "list<code>" else TEXTS, 2))
        else:
            scale = {"money": 100, "points": 10**10, "rate": 10**10, "score": 10**12}.get(kind, 1)
            values[name] = rng.randrange(0, 6) * scale
            if kind == "boolean":
                values[name] = rng.random() < 0.5
            elif kind == "date":
                values[name] = 738000
    return values
