"""Generates the function that reads a request into fact tuples, from the closed catalogue only.

The generated text holds names of protobuf fields and of facts, nothing from a ruleset or a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rules_service.facts.computed import COMPUTATIONS
from rules_service.facts.fields import RECORD_LISTS, PlainFact, Reading, code_name, plain_fact
from rules_service.facts.plan import EACH, Plan, SubjectPlan, input_key, own_keys, plan, raw_key
from rules_service.language.layout import HAS, Layout
from rules_service.model.subjects import LISTS, SUBJECTS

__all__ = ["Emitted", "emit"]

NotHeld = frozenset[tuple[str, tuple[str, ...]]]
# Subjects without lists of their own: their rows are remembered by the bytes of their messages.
_ELEMENTS = frozenset(name for name, each in SUBJECTS.items() if each.parent and not each.children)
_LINKED = "item"  # what ``@links`` are collected from, and so read before everything that asks for them
_VALUE = {Reading.TEXT: "N[{0}]", Reading.DECIMAL: "D[{0}]", Reading.DATE: "T[{0}]"}
_DERIVED = {"keywords": "K", "parsed": "Q", "stated": "S", "vague": "V"}
_RECORD = {
    Reading.TEXT: "N[e.{0}]",
    Reading.DECIMAL: "D[e.{0}]",
    Reading.DATE: "T[e.{0}]",
}


@dataclass(slots=True)
class Emitted:
    """The generated text, and what its globals must hold.

    ``codes`` and ``enums`` are facts; ``functions`` computed facts; ``elements`` the subjects whose rows
    may be remembered by the bytes of their messages.
    """

    source: str
    codes: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    elements: set[str] = field(default_factory=set)


def emit(layout: Layout, not_held: NotHeld) -> Emitted:
    """The text of ``extract(project, report, provided, rule_date, as_of, evaluated_on, slow)`` for a layout.

    ``report`` is ``None`` where its section is not provided; ``provided`` holds section numbers;
    ``slow`` is the ``Reader`` of the request.  It returns the tuples of project and report.
    """
    writer = _Writer(layout, plan(layout), not_held)
    writer.write()
    writer.emitted.source = "\n".join(writer.lines) + "\n"
    return writer.emitted


def identifier(name: str) -> str:
    """A fact name as part of a Python name."""
    return re.sub(r"[^a-z0-9_]", "__", name)


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)},)" if parts else "()"


def _rows(subject: str) -> str:
    """The variable that holds the rows of a subject's list."""
    return f"rows_{subject}"


def _index(subject: str) -> str:
    return f"at_{subject}"


def _place(subject: str) -> str:
    """The indices of the element that is being read."""
    return _tuple([_index(name) for name in reversed(SUBJECTS[subject].around[:-1])])


class _Writer:
    """Writes line by line; one loop for each list of subjects."""

    def __init__(self, layout: Layout, plans: Plan, not_held: NotHeld) -> None:
        self.layout = layout
        self.plans = plans
        self.not_held = not_held
        # Whether the reader of items also tells if the item is linked to something.
        self.flagged = (
            plans.needs("@links")
            and layout.has("project", SUBJECTS[_LINKED].list)
            and all(self.holds(plain_fact(f"item.{name}")) for name in ("linked_indicator_ids", "is_total"))
        )
        self.lines: list[str] = []
        self.emitted = Emitted("")

    def write(self) -> None:
        elements = [subject for subject in SUBJECTS if subject in _ELEMENTS]
        read = [subject for subject in elements if self.wanted(subject) and not SUBJECTS[subject].by_engine]
        for subject in self.plans.joined:
            self.joined_reader(subject)
        for subject in read:
            self.element_reader(subject)
        self.line(0, "def extract(project, report, provided, rule_date, as_of, evaluated_on, slow):")
        self.locals(1, self.plans.subjects["project"])
        if self.wanted(_LINKED):
            self.rows_of(1, _LINKED)
        if self.plans.needs("@links"):
            self.links()
        self.lists(1, "project", besides=_LINKED)
        self.late(1, "project")
        self.line(1, f"facts = {self.tuple_of('project')}")
        self.line(1, "reported = None")
        if self.layout.of("report"):
            self.line(1, "if report is not None:")
            self.locals(2, self.plans.subjects["report"])
            self.lists(2, "report")
            self.late(2, "report")
            self.line(2, f"reported = {self.tuple_of('report')}")
        self.line(1, "return facts, reported")

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def wanted(self, subject: str) -> bool:
        """Whether the layout, or a computed fact, asks for the list that a subject stands in."""
        row = SUBJECTS[subject]
        asked = self.layout.has(row.parent, row.list) or self.layout.has(row.parent, HAS + row.list)
        return asked or bool(self.collected(subject))

    def slots(self, subject: str) -> tuple[str, ...]:
        """What is read of a subject: what stands in its rows, and behind it what is only collected."""
        return self.plans.slots[subject]

    def collected(self, subject: str) -> tuple[str, ...]:
        """What facts of the parent want of every element and no row holds: rows have the layout's length."""
        return self.slots(subject)[len(self.layout.of(subject)) :]

    def links(self) -> None:
        """Links, collected only where some item has any; ``by_id`` is ``None`` where none is certain."""
        known = "slow.links(N, D)"
        self.line(
            1,
            f"links = {known} if linking or {_rows(_LINKED)} is None else NO_LINKS"
            if self.flagged
            else f"links = {known}",
        )
        self.line(1, "by_id = None if links is None or links.blocked is not None else links.by_indicator")

    def lists(self, depth: int, parent: str, besides: str = "") -> None:
        """The rows of all lists of a subject that are wanted, but for one."""
        for subject in SUBJECTS[parent].children:
            if subject != besides and self.wanted(subject):
                self.rows_of(depth, subject)

    def rows_of(self, depth: int, subject: str) -> None:
        """The tuple of a list's rows; ``None`` where the list is not known."""
        row, rows, plan_ = SUBJECTS[subject], _rows(subject), self.plans.subjects[subject]
        if row.by_engine:  # none until the engine has made them
            self.line(depth, f"{rows} = ()")
            return
        listed = plain_fact(row.list_fact)
        collected = [self.every(subject, key) for key in self.collected(subject)]
        self.line(depth, " = ".join([rows, *collected, "None"]))
        if subject == _LINKED and self.flagged:
            self.line(depth, "linking = False")
        if not self.holds(listed):
            return
        if listed.section:
            self.line(depth, f"if {listed.section} in provided:")
            depth += 1
        if "@seen" in plan_.outside:
            self.line(depth, "seen = {}")
        if self.joins(subject):
            self.line(depth, f"joined_to = slow.joined({subject!r}, N)")
        own = f"{row.parent}.{'.'.join(listed.path)}"
        elements = f"slow.elements({subject!r}, ())" if row.in_assessment else own
        for name in (rows, *collected):
            self.line(depth, f"{name} = []")
        counted = f"{_index(subject)}, {subject} in enumerate({elements})"
        self.line(depth, f"for {counted if self.counted(subject) else f'{subject} in {elements}'}:")
        if subject in _ELEMENTS:
            self.row(depth + 1, subject)
            self.line(depth + 1, f"{rows}.append(row)")
        else:
            self.locals(depth + 1, plan_)
            self.lists(depth + 1, subject)
            self.late(depth + 1, subject)
            self.collect(depth + 1, subject)
            self.line(depth + 1, f"{rows}.append({self.tuple_of(subject)})")
        self.line(depth, f"{rows} = tuple({rows})")

    def counted(self, subject: str) -> bool:
        """Whether something in the loop over a subject asks for the element's place."""
        inner = filter(self.wanted, SUBJECTS[subject].children)
        return bool(self.plans.subjects[subject].has_computed) or any(map(self.counted, inner))

    def element_reader(self, subject: str) -> None:
        """The function that reads one element: what depends on its message and surroundings alone."""
        plan_ = self.plans.subjects[subject]
        self.emitted.elements.add(subject)
        around = "".join(f", {name}" for name in self.around(plan_))
        self.line(0, f"def read_{subject}({subject}{around}):")
        if self.joins(subject):
            other = SUBJECTS[subject].joined
            names = "".join(f"{self.name(other, key)}, " for key in self.joined_keys(other))
            self.line(1, f"({names}) = joined")
        shared = self.shared(plan_)
        self.steady(1, plan_, shared)
        values = [
            self.base(subject, key) if key in plan_.base and key not in shared else self.name(subject, key)
            for key in self.kept(plan_)
        ]
        found = _tuple(values)
        if subject == "item" and self.flagged:
            found = f"({found}, len(item.linked_indicator_ids) > 0)"
        self.line(1, f"return {found}")

    def joins(self, subject: str) -> bool:
        """Whether facts of a subject are computed from those of the one that it is joined to."""
        other = SUBJECTS[subject].joined
        return bool(other) and any(
            input_key(spec, subject)[0] == other for spec in self.plans.subjects[subject].outside
        )

    def joined_keys(self, other: str) -> tuple[str, ...]:
        """The keys of a row of a subject that others are joined to."""
        plan_ = self.plans.joined[other]
        return (*plan_.base, *plan_.steady)

    def joined_reader(self, subject: str) -> None:
        """The function that reads what others want of the element that they are joined to."""
        plan_ = self.plans.joined[subject]
        assert not plan_.fresh, f"{subject}: {plan_.fresh} depend on other elements"
        keys = self.joined_keys(subject)
        self.emitted.elements.add(f"joined_{subject}")
        self.line(0, f"NOT_JOINED_{subject} = {_tuple(['None'] * len(keys))}")
        self.line(0, f"def read_joined_{subject}({subject}):")
        for key in plan_.base:
            self.line(1, f"{self.name(subject, key)} = {self.base(subject, key)}")
        for key in plan_.steady:
            self.call(1, subject, key)
        for key in plan_.has_computed:
            raise AssertionError(f"{subject}: {key} asks the slow path")
        self.line(1, f"return {_tuple([self.name(subject, key) for key in keys])}")

    def join(self, depth: int, subject: str) -> None:
        """The row of the element that one is joined to; nothing is known of one that is joined to none."""
        other = SUBJECTS[subject].joined
        self.line(depth, f"{other} = joined_to.get(N[{subject}.{SUBJECTS[subject].id_field}])")
        self.line(depth, f"if {other} is None: joined = NOT_JOINED_{other}")
        self.line(depth, "else:")
        self.line(depth + 1, f"key = {other}.SerializeToString()")
        self.line(depth + 1, f"joined = recall_joined_{other}(key)")
        found = f"keep_joined_{other}(key, read_joined_{other}({other}))"
        self.line(depth + 1, f"if joined is None: joined = {found}")

    def row(self, depth: int, subject: str) -> None:
        plan_ = self.plans.subjects[subject]
        if self.joins(subject):
            self.join(depth, subject)
        around = self.around(plan_)
        key = f"{subject}.SerializeToString()"
        self.line(depth, f"key = ({', '.join([key, *around])},)" if around else f"key = {key}")
        self.line(depth, f"row = recall_{subject}(key)")
        arguments = "".join(f", {name}" for name in around)
        self.line(depth, f"if row is None: row = keep_{subject}(key, read_{subject}({subject}{arguments}))")
        if subject == "item" and self.flagged:
            self.line(depth, "row, linked = row")
            self.line(depth, "if linked: linking = True")
        if not plan_.fresh and not plan_.has_computed and not self.collected(subject):
            return
        kept = self.kept(plan_)
        self.line(depth, f"{', '.join(self.name(subject, key) for key in kept)}, = row" if kept else "pass")
        self.fresh_all(depth, plan_)
        self.collect(depth, subject)
        slots = [self.name(subject, slot) for slot in self.layout.of(subject)]
        self.line(depth, f"row = {_tuple(slots)}")

    def collect(self, depth: int, subject: str) -> None:
        """Put aside what facts of the parent want of this element."""
        for key in self.collected(subject):
            self.line(depth, f"{self.every(subject, key)}.append({self.name(subject, key)})")

    def every(self, subject: str, key: str) -> str:
        """The variable that holds a fact of all elements."""
        return f"every_{self.name(subject, key)}"

    def kept(self, plan_: SubjectPlan) -> tuple[str, ...]:
        """The keys of a remembered row: the slots that stand in it, then what fresh facts need of it."""
        slots = [slot for slot in self.slots(plan_.subject) if slot.removeprefix(HAS) not in plan_.fresh]
        own = {*plan_.base, *plan_.steady}
        needed: list[str] = []
        for name in plan_.fresh:
            needed += own_keys(COMPUTATIONS[f"{plan_.subject}.{name}"].inputs, plan_.subject)
        return tuple(dict.fromkeys([*slots, *(key for key in needed if key in own)]))

    def around(self, plan_: SubjectPlan) -> list[str]:
        """The names of what steady facts take from around the element."""
        specs = {
            spec
            for name in plan_.steady
            for spec in COMPUTATIONS[f"{plan_.subject}.{name}"].inputs
            if spec in plan_.outside
        }
        joined = SUBJECTS[plan_.subject].joined
        names = {
            "joined"
            if joined and input_key(spec, plan_.subject)[0] == joined
            else self.argument(plan_.subject, spec)
            for spec in specs
        }
        return sorted(names)

    def locals(self, depth: int, plan_: SubjectPlan) -> None:
        """Everything of a subject that is used more than once or computed."""
        self.steady(depth, plan_, self.shared(plan_))
        self.fresh_all(depth, plan_)

    def steady(self, depth: int, plan_: SubjectPlan, shared: set[str]) -> None:
        for key in plan_.base:
            if key in shared:
                self.line(depth, f"{self.name(plan_.subject, key)} = {self.base(plan_.subject, key)}")
        for key in plan_.steady:
            self.call(depth, plan_.subject, key)

    def fresh_all(self, depth: int, plan_: SubjectPlan) -> None:
        subject = plan_.subject
        for key in plan_.fresh:
            self.call(depth, subject, key)
        self.questions(depth, subject, [key for key in plan_.has_computed if not self.is_late(subject, key)])

    def late(self, depth: int, subject: str) -> None:
        """What is computed from the lists that stand in a subject."""
        plan_ = self.plans.subjects[subject]
        for key in plan_.late:
            self.call(depth, subject, key)
        self.questions(depth, subject, [key for key in plan_.has_computed if self.is_late(subject, key)])

    def is_late(self, subject: str, key: str) -> bool:
        return key.removeprefix(HAS) in self.plans.subjects[subject].late

    def questions(self, depth: int, subject: str, keys: Sequence[str]) -> None:
        """Where a computed fact is not there, whether something was sent for it."""
        for key in keys:
            name = key.removeprefix(HAS)
            question = f"slow.question({subject + '.' + name!r}, {_place(subject)})"
            self.line(depth, f"if {self.name(subject, key)} is None: {self.name(subject, key)} = {question}")

    def shared(self, plan_: SubjectPlan) -> set[str]:
        """Base keys that some function or a child needs; the others stand in the tuple directly."""
        used = set(self.collected(plan_.subject))
        for name in (*plan_.steady, *plan_.fresh, *plan_.late):
            used.update(own_keys(COMPUTATIONS[f"{plan_.subject}.{name}"].inputs, plan_.subject))
        for each in self.plans.subjects.values():
            for spec in each.outside:
                owner, key = input_key(spec, each.subject)
                if owner == plan_.subject:
                    used.add(raw_key(key))
        return used & set(plan_.base)

    def call(self, depth: int, subject: str, key: str) -> None:
        fact = f"{subject}.{key}"
        self.emitted.functions.add(fact)
        values = "".join(f", {self.argument(subject, spec)}" for spec in COMPUTATIONS[fact].inputs)
        name = self.name(subject, key)
        present = ""
        if HAS + key in self.plans.subjects[subject].has_computed:
            has = self.name(subject, HAS + key)
            self.line(depth, f"{has} = True")
            present = f"{has} = {name}.present; "
        unlinked = COMPUTATIONS[fact].unlinked
        if unlinked is not None:
            held = self.holds(plain_fact("indicator.indicator_id"))
            self.line(depth, f"{name} = {unlinked}")
            self.line(depth, f"if by_id is None or {'indicator_indicator_id in by_id' if held else 'by_id'}:")
            depth += 1
        self.line(depth, f"{name} = F_{identifier(fact)}(context{values})")
        self.line(depth, f"if {name}.__class__ is Absent: {present}{name} = None")

    def argument(self, subject: str, spec: str) -> str:
        owner, key = input_key(spec, subject)
        if key.startswith(EACH):
            wanted = key.removeprefix(EACH)
            if wanted in self.collected(owner):
                return self.every(owner, wanted)
            position = self.layout.of(owner).index(wanted)
            return f"(None if {_rows(owner)} is None else [row[{position}] for row in {_rows(owner)}])"
        if spec == "@unreported":
            return "slow.unreported(N)"
        if not owner:
            return key.removeprefix("@")
        raw = raw_key(key)
        if raw == key:
            return self.name(owner, key)
        text = self.name(owner, raw)
        return f"(None if {text} is None else {_DERIVED[key.partition(':')[0]]}[{text}])"

    def name(self, subject: str, key: str) -> str:
        return f"{subject}_{identifier(key)}"

    def tuple_of(self, subject: str) -> str:
        plan_ = self.plans.subjects[subject]
        shared = self.shared(plan_)
        parts = []
        for slot in self.layout.of(subject):
            if slot in plan_.base and slot not in shared:
                parts.append(self.base(subject, slot))
            elif slot in {*plan_.base, *plan_.steady, *plan_.fresh, *plan_.late, *plan_.has_computed}:
                parts.append(self.name(subject, slot))
            else:
                rows = _rows(LISTS[f"{subject}.{slot.removeprefix(HAS)}"].name)
                has = f"({rows} if {rows} is None else len({rows}) > 0)"
                parts.append(has if slot.startswith(HAS) else rows)
        return _tuple(parts)

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
        if plain.reading in {Reading.RECORDS, Reading.SUBJECTS}:
            fields = RECORD_LISTS[plain.name]
            parts = "".join(f"{self.record_value(plain.name, name, how)}, " for name, how in fields)
            listed = LISTS.get(plain.name)
            elsewhere = listed is not None and listed.in_assessment
            elements = f"slow.elements({listed.name!r}, ())" if listed and elsewhere else field_
            return f"tuple([({parts}) for e in {elements}])"
        if plain.reading is Reading.NUMBERS:
            return f"tuple({field_})"
        assert plain.reading is Reading.TEXTS, plain
        return f"tuple([N[e] for e in {field_}])"

    def record_value(self, listed: str, name: str, reading: Reading) -> str:
        if reading is Reading.CODE:
            fact = code_name(listed, name)
            self.emitted.codes.add(fact)
            return f"C_{identifier(fact)}[e.{name}]"
        if reading is Reading.ENUM:
            fact = code_name(listed, name)
            self.emitted.enums.add(fact)
            return f"E_{identifier(fact)}[e.{name}]"
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
