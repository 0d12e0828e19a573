"""Lines of generated Python, numbered names and the table of constants.

Nothing an author wrote becomes part of the generated text: names are numbers, whole numbers are
written by ``repr``, and texts, patterns and lists of texts stand in the table of constants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rules_service.language.typed import CheckUnit, FactRef, Formula, Node, Typed, walk
from rules_service.model.subjects import SUBJECTS

__all__ = ["Constants", "Module", "Pattern", "Slots", "Writer", "nodes_of", "slots_of"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A constant that stands for the search function of an RE2 pattern."""

    text: str


class Constants:
    """Values that the generated code names ``k0``, ``k1``, …; equal values share one name."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._names: dict[tuple[str, object], str] = {}

    def name(self, value: object) -> str:
        """The name of a hashable value."""
        key = (type(value).__name__, value)
        if key not in self._names:
            self._names[key] = f"k{len(self.values)}"
            self.values.append(value)
        return self._names[key]


class Writer:
    """Collects lines at the current indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indent = 0

    @property
    def depth(self) -> int:
        """How many blocks are open."""
        return self._indent

    def line(self, text: str) -> None:
        """One line."""
        self.lines.append(" " * self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """An indented block under ``head``; an empty one holds ``pass``."""
        self.line(head)
        self._indent += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._indent -= 1


class Slots:
    """Which slots of which subject a program needs, in a fixed order, and their local names."""

    def __init__(self, slots: Mapping[str, tuple[str, ...]]) -> None:
        self.slots = slots
        self._names: dict[tuple[str, str], str] = {}
        for subject in sorted(slots):
            for slot in slots[subject]:
                self._names[subject, slot] = f"v{len(self._names)}"

    def name(self, subject: str, slot: str) -> str:
        """The local variable of a slot of a visible subject."""
        return self._names[subject, slot]

    def index(self, subject: str, slot: str) -> int:
        """Where a slot stands in its subject's tuple."""
        return self.slots[subject].index(slot)


class Module:
    """What one generated function is written with."""

    def __init__(self, slots: Slots, parameters: tuple[str, ...]) -> None:
        self.out = Writer()
        self.constants = Constants()
        self.slots = slots
        self.parameters = {name: f"p{index}" for index, name in enumerate(parameters)}
        self._counter = 0

    def fresh(self, prefix: str = "t") -> str:
        """A local name that is not yet taken."""
        self._counter += 1
        return f"{prefix}{self._counter}"

    def history_name(self, node: Node) -> str:
        """The local that holds the answer of ``outcome`` or ``failed_in_a_row``, asked once a run."""
        asked = (node.data, *((arg.op, arg.data) for arg in node.args))
        return f"h{self.constants.name(asked)}"


def nodes_of(unit: CheckUnit, *, fast: bool) -> Iterator[Node]:
    """All nodes of a check that a program evaluates: fast, only what decides its outcome."""
    roots: list[Typed] = [unit.fails_when]
    if unit.applies_when is not None:
        roots.append(unit.applies_when)
    lets = dict(unit.lets)
    if fast:
        pending = [node for root in roots for node in walk(root.node)]
        seen: set[str] = set()
        while pending:
            node = pending.pop()
            yield node
            if node.op == "let" and str(node.data) not in seen:
                seen.add(str(node.data))
                pending.extend(walk(lets[str(node.data)].node))
        return
    roots.extend(lets.values())
    roots.extend(step for _, step in unit.severity if step is not None)
    for root in roots:
        yield from walk(root.node)


def slots_of(units: tuple[CheckUnit, ...], formulas: tuple[Formula, ...] = ()) -> Slots:
    """The slots that a program of these checks and formulas needs."""
    found: dict[str, set[str]] = {"project": set()}

    for unit in units:
        found.setdefault(unit.subject, set())
        for inner in SUBJECTS[unit.subject].around[:-1]:
            found.setdefault(SUBJECTS[inner].parent, set()).add(SUBJECTS[inner].list)
        for node in nodes_of(unit, fast=False):
            if node.op == "fact" and isinstance(node.data, FactRef):
                found.setdefault(node.data.subject, set()).add(node.data.slot)
        for name in unit.refs:
            subject, _, slot = name.partition(".")
            found.setdefault(subject, set()).add(slot)
    for formula in formulas:
        for node in formula.typed.nodes():
            if node.op == "fact" and isinstance(node.data, FactRef):
                found.setdefault(node.data.subject, set()).add(node.data.slot)
    return Slots({subject: tuple(sorted(slots)) for subject, slots in sorted(found.items())})
