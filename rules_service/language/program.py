"""Programs: the checks of one view as one generated Python module, and what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from rules_service.language.called import parameters_of
from rules_service.language.checker_calls import compile_pattern
from rules_service.language.functions import Check, write_explanation, write_formula, write_stratum
from rules_service.language.layout import Layout
from rules_service.language.runtime import GLOBALS
from rules_service.language.typed import CheckUnit, Formula
from rules_service.language.writer import Constants, Module, Pattern, Slots, nodes_of, slots_of
from rules_service.model.subjects import SUBJECTS
from rules_service.values.kinds import Kind

__all__ = [
    "FAIL",
    "INDETERMINATE",
    "NOT_APPLICABLE",
    "NO_SECTION",
    "NO_SUBJECT",
    "PASS",
    "Findings",
    "Leaf",
    "Program",
    "Shown",
    "Trace",
    "generate",
]

NOT_APPLICABLE, PASS, FAIL, INDETERMINATE, NO_SECTION, NO_SUBJECT = range(6)

_COUNTED = (FAIL, INDETERMINATE)

Noted = tuple[str, str, tuple[int, ...], str | None]
"""Name, slot, indices and hint of something missing, as the generated code notes it."""
Hit = tuple[int, tuple[int, ...], int]
Hits = tuple[list[Hit], list[int], list[int]]


class Findings(Protocol):
    """What stratum 1 may ask of the findings of stratum 0 and of earlier checkpoints."""

    def outcome(self, rule: str) -> str | None:
        """The outcome of a rule in this answer, ``None`` if it is not known."""
        ...

    def failed_in_a_row(self, rules: tuple[str, ...], count: int) -> bool | None:
        """Whether one of the rules failed at ``count`` consecutive checkpoints."""
        ...


class Leaf(NamedTuple):
    """Something missing that kept a condition undecided.

    ``name`` is a fact's full name, ``param.x``, ``outcome(RULE)``, or the divisor of a division;
    ``slot`` is the fact's slot, empty for others; ``hint`` is a missing reason, if the place tells it.
    """

    name: str
    indices: tuple[int, ...]
    hint: str | None
    slot: str


class Shown(NamedTuple):
    """The names of the facts and named values that a check shows, and the kinds of the latter."""

    refs: tuple[str, ...]
    lets: tuple[str, ...]
    kinds: tuple[Kind, ...]


class Trace(NamedTuple):
    """What a check saw on one subject: values shown, named values with kinds, and what was missing.

    ``applies`` and ``fails`` are three-valued.  ``let_values`` stand in the order of the
    check's ``lets``, ``ref_values`` in that of its ``refs``; ``noted`` and ``noted_open`` are what was
    missing, in source order, perhaps more than once.
    """

    shown: Shown
    applies: bool | None
    fails: bool | None
    noted: list[Noted]
    noted_open: list[Noted]
    let_values: tuple[Any, ...]
    ref_values: tuple[Any, ...]
    severity: int | None
    severity_open: int | None

    @property
    def refs(self) -> tuple[tuple[str, Any], ...]:
        """The facts shown: names and values."""
        return tuple(zip(self.shown.refs, self.ref_values, strict=True))

    @property
    def lets(self) -> tuple[tuple[str, Any, Kind], ...]:
        """The named values: names, values and kinds."""
        return tuple(zip(self.shown.lets, self.let_values, self.shown.kinds, strict=True))

    @property
    def undecided(self) -> tuple[Leaf, ...]:
        """What was missing in the conditions."""
        return _leaves(self.noted)

    @property
    def open(self) -> tuple[Leaf, ...]:
        """What was missing in the severity steps."""
        return _leaves(self.noted_open)

    @property
    def outcome(self) -> int:
        """The code that ``evaluate`` gives: NOT_APPLICABLE, PASS, FAIL or INDETERMINATE."""
        if self.applies is False:
            return NOT_APPLICABLE
        if self.fails is False:
            return PASS
        return FAIL if self.applies and self.fails else INDETERMINATE


class Program:
    """Compiled checks; immutable, pure, and safe to share between threads.

    ``layout`` says which fact tuples it reads, ``parameters`` the order of ``P``.
    """

    def __init__(
        self,
        units: Sequence[CheckUnit],
        parameter_order: Sequence[str],
        layout: Layout | None = None,
        formulas: Sequence[Formula] = (),
    ) -> None:
        self.units = tuple(units)
        self.formulas = tuple(formulas)
        self._shown = [
            Shown(
                tuple(unit.refs),
                tuple(name for name, _ in unit.lets),
                tuple(typed.node.kind for _, typed in unit.lets),
            )
            for unit in self.units
        ]
        nodes = [node for unit in units for node in nodes_of(unit, fast=False)]
        nodes += [node for formula in formulas for node in formula.typed.nodes()]
        used = {name for node in nodes for name in parameters_of(node)}
        self.parameters = tuple(name for name in parameter_order if name in used)
        absent = used.difference(parameter_order)
        if absent:
            raise ValueError(f"parameters without a place in the order: {sorted(absent)}")
        slots = slots_of(self.units, self.formulas) if layout is None else Slots(layout.slots)
        self.layout = Layout(slots.slots)
        self._slots = slots
        self._writers = dict(_writers(self.units, self.formulas))
        self._functions: dict[str, Callable[..., Any]] = {}
        self._explain: list[Callable[..., Any] | None] = [None] * len(self.units)
        for name in self._writers:
            if not name.startswith(("explain_", "formula_")) and not name.endswith("_all"):
                self._function(name)

    @property
    def source(self) -> str:
        """The text of all generated functions, each of which has constants of its own."""
        return "".join(self._written(name)[0] for name in self._writers)

    def _written(self, name: str) -> tuple[str, Constants]:
        module = Module(self._slots, self.parameters)
        self._writers[name](module, name)
        return "\n".join(module.out.lines) + "\n", module.constants

    def _function(self, name: str) -> Callable[..., Any] | None:
        """A generated function; those for details and explanations are made when first wanted."""
        found = self._functions.get(name)
        if found is None and name in self._writers:
            text, constants = self._written(name)
            scope: dict[str, Any] = dict(GLOBALS)
            for index, value in enumerate(constants.values):
                constant = compile_pattern(value.text).search if isinstance(value, Pattern) else value
                scope[f"k{index}"] = constant
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            # The text was generated from typed trees; nothing an author wrote is part of it.
            exec(compile(text, f"<rules {digest} {name}>", "exec"), scope)  # noqa: S102
            found = self._functions[name] = scope[name]
        return found

    def _explanation(self, number: int) -> Callable[..., Any]:
        function = self._explain[number] = self._function(f"explain_{number}")
        assert function is not None, "every check has an explanation"
        return function

    def evaluate(  # noqa: PLR0917 - the interface fixed in docs/architecture.md
        self,
        stratum: int,
        project: tuple[Any, ...],
        report: tuple[Any, ...] | None,
        P: tuple[Any, ...],  # noqa: N803 - the name of the interface
        X: Findings | None = None,  # noqa: N803 - the name of the interface
        detail_all: bool = False,
        service: str = "review",
    ) -> Hits:
        """Evaluate one stratum: ``(hits, passed, not_applicable)``, counts by number of the check.

        ``service`` is ``review`` or ``assess``; an assessment whose report was not provided
        has no ``report`` either.  Hits come subject by subject, from the outside in; ``detail_all`` adds
        those that passed or do not apply.
        """
        name = f"{service}_{stratum}{'_all' if detail_all else ''}"
        function = self._function(name)
        if function is None:
            empty = [0] * len(self.units)
            return [], empty, list(empty)
        hits, passed, skipped = function(project, report, P, X)
        for number, _, code in hits:
            if code in _COUNTED:
                passed[number] -= 1
        return hits, passed, skipped

    def explain(  # noqa: PLR0917 - the same
        self,
        check_no: int,
        indices: tuple[int, ...],
        project: tuple[Any, ...],
        report: tuple[Any, ...] | None,
        P: tuple[Any, ...],  # noqa: N803 - the name of the interface
        X: Findings | None = None,  # noqa: N803 - the name of the interface
    ) -> Trace:
        """Explain one check on the subject at ``indices``."""
        explain = self._explain[check_no] or self._explanation(check_no)
        return Trace(self._shown[check_no], *explain(project, report, P, X, indices))

    def compute(
        self,
        formula_no: int,
        project: tuple[Any, ...],
        report: tuple[Any, ...] | None,
        P: tuple[Any, ...],  # noqa: N803 - the name of the interface
        X: Findings | None = None,  # noqa: N803 - the name of the interface
    ) -> tuple[Any, tuple[Leaf, ...]]:
        """The value of a formula (``None`` if missing) and everything that is missing in it."""
        function = self._function(f"formula_{formula_no}")
        assert function is not None, "every formula has a function"
        value, missing = function(project, report, P, X)
        return value, _leaves(missing)


def generate(
    units: Sequence[CheckUnit],
    parameter_order: Sequence[str],
    layout: Layout | None = None,
    formulas: Sequence[Formula] = (),
) -> Program:
    """Generate the program of these checks and formulas; their numbers are their places.

    A ``layout`` that holds all that they read lets them share fact tuples with another program.
    """
    return Program(units, parameter_order, layout, formulas)


def _leaves(found: list[Noted]) -> tuple[Leaf, ...]:
    """Each missing thing once, in source order."""
    return tuple(dict.fromkeys(Leaf(name, indices, hint, slot) for name, slot, indices, hint in found))


_Writer = Callable[[Module, str], None]


def _writers(units: tuple[CheckUnit, ...], formulas: tuple[Formula, ...]) -> Iterator[tuple[str, _Writer]]:
    """What writes each function, by its name."""
    numbered: list[Check] = list(enumerate(units))
    for service in ("review", "assess"):
        own = [check for check in numbered if check[1].service in {"", service}]
        if service == "review":
            own = [check for check in own if SUBJECTS[check[1].subject].root != "report"]
        for stratum in sorted({unit.stratum for _, unit in own}):
            checks = [check for check in own if check[1].stratum == stratum]
            for detail in (False, True):
                name = f"{service}_{stratum}{'_all' if detail else ''}"
                yield name, partial(write_stratum, checks=checks, total=len(units), detail=detail)
    for number, unit in numbered:
        yield f"explain_{number}", partial(write_explanation, unit=unit)
    for number, formula in enumerate(formulas):
        yield f"formula_{number}", partial(write_formula, formula=formula)
