"""Generates the function that reads a request into fact tuples, from the closed catalogue only.

The generated text holds names of protobuf fields and of facts, nothing from a ruleset or a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rules_service.facts.computed import COMPUTATIONS
from rules_service.facts.fields import PARENTS, RECORD_LISTS, PlainFact, Reading, plain_fact
from rules_service.facts.layout import HAS, Layout
from rules_service.facts.plan import Plan, SubjectPlan, input_key, plan, raw_key

__all__ = ["Emitted", "emit"]

NotHeld = frozenset[tuple[str, tuple[str, ...]]]
_INDICES = {
    "project": "()",
    "report": "()",
    "goal": "(g,)",
    "indicator": "(g, i)",
    "item": "(k,)",
    "actual": "(k,)",
}
_VALUE = {Reading.TEXT: "N[{0}]", Reading.DECIMAL: "D[{0}]", Reading.DATE: "T[{0}]"}
_DERIVED = {"parsed": "Q", "vague": "V"}
_RECORD = {
    Reading.TEXT: "N[e.{0}]",
    Reading.CODE: "C_[e.{0}]",
    Reading.DECIMAL: "D[e.{0}]",
    Reading.DATE: "T[e.{0}]",
}


@dataclass(slots=True)
class Emitted:
    """The generated text, and what its globals must hold.

    ``codes`` and ``enums`` are facts; ``groups`` the remembered facts of each subject with the keys of
    their inputs; ``functions`` computed facts that are called directly.
    """

    source: str
    codes: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    groups: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)


def emit(layout: Layout, not_held: NotHeld) -> Emitted:
    """The text of ``extract(project, goals, report, provided, rule_date, as_of, slow)`` for a layout.

    ``goals`` and ``report`` are ``None`` where their sections are not provided; ``provided`` holds
    section numbers; ``slow`` is the ``Reader`` of the request.  It returns the tuples of project and
    report.
    """
    writer = _Writer(layout, plan(layout), not_held)
    writer.write()
    writer.emitted.source = "\n".join(writer.lines) + "\n"
    return writer.emitted


def identifier(name: str) -> str:
    """A fact name as part of a Python name."""
    return re.sub(r"[^a-z0-9_]", "__", name)


class _Writer:
    """Writes line by line; one loop for each list of subjects."""

    def __init__(self, layout: Layout, plans: Plan, not_held: NotHeld) -> None:
        self.layout = layout
        self.plans = plans
        self.not_held = not_held
        self.lines: list[str] = []
        self.emitted = Emitted("")

    def write(self) -> None:
        self.line(0, "def extract(project, goals, report, provided, rule_date, as_of, slow):")
        self.items()
        if self.plans.needs("@links"):
            self.line(1, "links = slow.links()")
        self.goals()
        project = self.plans.subjects["project"]
        self.locals(1, project, "project")
        self.line(1, f"facts = {self.tuple_of('project', project)}")
        self.report()
        self.line(1, "return facts, reported")

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def wants(self, subject: str, slot: str) -> bool:
        return self.layout.has(subject, slot) or self.layout.has(subject, HAS + slot)

    def items(self) -> None:
        details = self.wants("project", "detail_items")
        if not details and not self.wants("project", "items"):
            return
        total_held = self.holds(plain_fact("item.is_total"))
        self.line(1, "items = details = None")
        if not self.holds(plain_fact("project.items")):
            return
        self.line(1, f"if {plain_fact('project.items').section} in provided:")
        self.line(2, "items = []")
        if details and total_held:
            self.line(2, "details = []")
        self.loop(2, "item", "k", "project.cost_items")
        row = self.tuple_of("item", self.plans.subjects["item"])
        if details:
            self.line(3, f"row = {row}")
            self.line(3, "items.append(row)")
            if total_held:
                self.line(3, "if not item.is_total:")
                self.line(4, "details.append(row)")
                self.line(2, "details = tuple(details)")
        else:
            self.line(3, f"items.append({row})")
        self.line(2, "items = tuple(items)")

    def goals(self) -> None:
        if not self.wants("project", "goals"):
            return
        self.line(1, "goal_rows = None")
        self.line(1, "if goals is not None:")
        self.line(2, "goal_rows = []")
        self.loop(2, "goal", "g", "goals")
        if self.wants("goal", "indicators"):
            self.indicators()
        self.line(3, f"goal_rows.append({self.tuple_of('goal', self.plans.subjects['goal'])})")
        self.line(2, "goal_rows = tuple(goal_rows)")

    def indicators(self) -> None:
        listed = plain_fact("goal.indicators")
        self.line(3, "indicators = None")
        if not self.holds(listed):
            return
        self.line(3, f"if {listed.section} in provided:")
        if "@seen" in self.plans.subjects["indicator"].outside:
            self.line(4, "seen = set()")
        self.line(4, "indicators = []")
        self.loop(4, "indicator", "i", "goal.indicators")
        self.line(5, f"indicators.append({self.tuple_of('indicator', self.plans.subjects['indicator'])})")
        self.line(4, "indicators = tuple(indicators)")

    def report(self) -> None:
        self.line(1, "reported = None")
        if not self.layout.of("report"):
            return
        self.line(1, "if report is not None:")
        if self.wants("report", "actuals"):
            self.line(2, "actuals = None")
            if self.holds(plain_fact("report.actuals")):
                self.line(2, "actuals = []")
                self.loop(2, "actual", "k", "report.indicator_actuals")
                self.line(3, f"actuals.append({self.tuple_of('actual', self.plans.subjects['actual'])})")
                self.line(2, "actuals = tuple(actuals)")
        plan_ = self.plans.subjects["report"]
        self.locals(2, plan_, "report")
        self.line(2, f"reported = {self.tuple_of('report', plan_)}")

    def loop(self, depth: int, subject: str, index: str, container: str) -> None:
        plan_ = self.plans.subjects[subject]
        counted = plan_.has_computed or (
            subject in PARENTS.values()
            and any(self.plans.subjects[s].has_computed for s in PARENTS if PARENTS[s] == subject)
        )
        head = f"{index}, {subject} in enumerate({container})" if counted else f"{subject} in {container}"
        self.line(depth, f"for {head}:")
        self.locals(depth + 1, plan_, subject)

    def locals(self, depth: int, plan_: SubjectPlan, subject: str) -> None:
        """Assign what is used more than once, and everything computed."""
        shared = self.shared(plan_)
        for key in plan_.base:
            if key in shared:
                self.line(depth, f"{self.name(subject, key)} = {self.base(subject, key)}")
        if plan_.remembered:
            self.group(depth, plan_)
        for key in plan_.fresh:
            self.fresh(depth, subject, key)
        for key in plan_.has_computed:
            name = key.removeprefix(HAS)
            question = f"slow.question({subject + '.' + name!r}, {_INDICES[subject]})"
            self.line(
                depth,
                f"{self.name(subject, key)} = True if {self.name(subject, name)} is not None else {question}",
            )

    def shared(self, plan_: SubjectPlan) -> set[str]:
        """Base keys that some function or a child needs; the others stand in the tuple directly."""
        used: set[str] = set()
        for name in (*plan_.remembered, *plan_.fresh):
            used.update(raw_key(spec) for spec in COMPUTATIONS[f"{plan_.subject}.{name}"].inputs)
        for each in self.plans.subjects.values():
            for spec in each.outside:
                owner, key = input_key(spec, each.subject)
                if owner == plan_.subject:
                    used.add(key)
        return used & set(plan_.base)

    def group(self, depth: int, plan_: SubjectPlan) -> None:
        inputs = tuple(
            dict.fromkeys(
                raw_key(spec)
                for name in plan_.remembered
                for spec in COMPUTATIONS[f"{plan_.subject}.{name}"].inputs
                if input_key(spec, plan_.subject) not in {(plan_.subject, each) for each in plan_.remembered}
            )
        )
        self.emitted.groups[plan_.subject] = (inputs, tuple(plan_.remembered))
        targets = ", ".join(self.name(plan_.subject, key) for key in plan_.remembered)
        values = ", ".join(self.argument(plan_.subject, spec) for spec in inputs)
        self.line(depth, f"{targets}, = G_{plan_.subject}[({values},)]")

    def fresh(self, depth: int, subject: str, key: str) -> None:
        fact = f"{subject}.{key}"
        self.emitted.functions.add(fact)
        values = "".join(f", {self.argument(subject, spec)}" for spec in COMPUTATIONS[fact].inputs)
        name = self.name(subject, key)
        self.line(depth, f"{name} = F_{identifier(fact)}(context{values})")
        self.line(depth, f"if {name}.__class__ is Absent: {name} = None")

    def argument(self, subject: str, spec: str) -> str:
        owner, key = input_key(spec, subject)
        if not owner:
            return key.removeprefix("@")
        raw = raw_key(key)
        if raw == key:
            return self.name(owner, key)
        text = self.name(owner, raw)
        return f"(None if {text} is None else {_DERIVED[key.partition(':')[0]]}[{text}])"

    def name(self, subject: str, key: str) -> str:
        return f"{subject}_{identifier(key)}"

    def tuple_of(self, subject: str, plan_: SubjectPlan) -> str:
        shared = self.shared(plan_)
        parts = []
        for slot in self.layout.of(subject):
            if slot in plan_.base and slot not in shared:
                parts.append(self.base(subject, slot))
            elif (
                slot in plan_.base
                or slot in plan_.remembered
                or slot in plan_.fresh
                or slot in plan_.has_computed
            ):
                parts.append(self.name(subject, slot))
            else:
                parts.append(self.list_slot(subject, slot))
        return f"({', '.join(parts)},)" if parts else "()"

    def list_slot(self, subject: str, slot: str) -> str:
        rows = {"goals": "goal_rows", "detail_items": "details"}
        name = slot.removeprefix(HAS)
        variable = rows.get(name, name)
        if slot == name:
            return variable
        return f"({variable} if {variable} is None else len({variable}) > 0)"

    def holds(self, plain: PlainFact) -> bool:
        path = plain.path
        return not any(
            (plain.fact.subject, path[:length]) in self.not_held for length in range(1, len(path) + 1)
        )

    def base(self, subject: str, key: str) -> str:
        prefix, _, name = key.rpartition(":")
        plain = plain_fact(f"{subject}.{name}")
        if not self.holds(plain):
            return "None"
        if prefix == "has":
            text = self.presence(plain)
        elif prefix in {"filled", "raw"}:
            text = f"{subject}.{'.'.join(plain.path)}"
        else:
            text = self.value(plain)
        return f"({text} if {plain.section} in provided else None)" if plain.section else text

    def value(self, plain: PlainFact) -> str:
        *holder, leaf = (plain.fact.subject, *plain.path)
        owner, field_ = ".".join(holder), ".".join((*holder, leaf))
        if plain.reading in _VALUE:
            return _VALUE[plain.reading].format(field_)
        if plain.reading is Reading.CODE:
            self.emitted.codes.add(plain.name)
            return f"C_{identifier(plain.name)}[{field_}]"
        if plain.reading is Reading.ENUM:
            self.emitted.enums.add(plain.name)
            return f"E_{identifier(plain.name)}[{field_}]"
        if plain.reading in {Reading.NUMBER, Reading.FLAG}:
            return f'(v if (v := {field_}) or {owner}.HasField("{leaf}") else None)'
        if plain.reading is Reading.RECORDS:
            parts = "".join(f"{self.record_value(name, how)}, " for name, how in RECORD_LISTS[plain.name])
            return f"tuple([({parts}) for e in {field_}])"
        if plain.reading is Reading.NUMBERS:
            return f"tuple({field_})"
        assert plain.reading is Reading.TEXTS, plain
        return f"tuple([N[e] for e in {field_}])"

    @staticmethod
    def record_value(name: str, reading: Reading) -> str:
        if reading in _RECORD:
            return _RECORD[reading].format(name)
        return f'(e.{name} if e.HasField("{name}") else None)'

    @staticmethod
    def presence(plain: PlainFact) -> str:
        *holder, leaf = (plain.fact.subject, *plain.path)
        field_ = ".".join((*holder, leaf))
        if plain.reading in {Reading.TEXT, Reading.CODE}:
            return f'(N[{field_}] != "")'
        if plain.reading in {Reading.DECIMAL, Reading.DATE}:
            return f'((v := {field_}) != "" and not v.isspace())'
        if plain.reading in {Reading.NUMBER, Reading.FLAG}:
            return f'{".".join(holder)}.HasField("{leaf}")'
        if plain.reading is Reading.RECORD:
            return f"({field_}.ByteSize() > 0)"
        return f"({field_} != 0)" if plain.reading is Reading.ENUM else f"(len({field_}) > 0)"
