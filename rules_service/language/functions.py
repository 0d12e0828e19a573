"""Writes the functions of a program: one for each stratum and service, an explanation a check, a formula."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rules_service.language.called import parameters_of
from rules_service.language.fast import Fast
from rules_service.language.trace import Tracer
from rules_service.language.typed import CheckUnit, FactRef, Formula, Node, Typed
from rules_service.language.writer import Module, nodes_of
from rules_service.model.subjects import ROOTS, SUBJECTS

__all__ = ["Check", "write_explanation", "write_formula", "write_stratum"]

Check = tuple[int, CheckUnit]
_NEST = 8  # conjuncts that get a block of their own; more are computed together


def write_stratum(module: Module, name: str, checks: Sequence[Check], *, total: int, detail: bool) -> None:
    """The function that evaluates all these checks on all their subjects.

    ``(project, report, P, X) -> (hits, passed, not_applicable)``; passed still counts the hits.
    """
    with module.out.block(f"def {name}(project, report, P, X):"):
        _Stratum(module, checks, total, detail).write()


class _Stratum:
    """One function being written."""

    def __init__(self, module: Module, checks: Sequence[Check], total: int, detail: bool) -> None:
        self._module, self._out = module, module.out
        self._checks, self._total, self._detail = checks, total, detail
        self._by_subject = {
            subject: [check for check in checks if check[1].subject == subject] for subject in SUBJECTS
        }
        self._below = {subject: self._checks_below(subject) for subject in SUBJECTS}

    def write(self) -> None:
        """The whole body."""
        out = self._out
        out.line("hits = []")
        out.line("hit = hits.append")
        nodes = [node for _, unit in self._checks for node in nodes_of(unit, fast=True)]
        write_parameters(self._module, nodes)
        write_history(self._module, nodes)
        counters = [f"n_{subject}" for subject in SUBJECTS if subject not in ROOTS and self._below[subject]]
        counters += [f"a{number}" for number, unit in self._checks if unit.applies_when is not None]
        if counters:
            out.line(f"{' = '.join(counters)} = 0")
        unpack(self._module, "project", "project")
        unpack(self._module, "report", "report", optional=True)
        self._subject_checks("project")
        self._of_report()
        self._lists("project")
        self._result()

    def _checks_below(self, subject: str) -> list[int]:
        """The checks of a subject and of all its lists."""
        found = [number for number, _ in self._by_subject[subject]]
        for child in SUBJECTS[subject].children:
            found += self._checks_below(child)
        return found

    def _of_report(self) -> None:
        """Checks of the report and of its lists; a report that was not sent leaves them undecided."""
        if not self._below["report"]:
            return
        with self._out.block("if report is None:"):
            self._absent(self._below["report"], "()", 4)
        with self._out.block("else:"):
            self._subject_checks("report")
            self._lists("report")

    def _result(self) -> None:
        counts = {"project": "1", "report": "(report is not None)"}
        passed, skipped = ["0"] * self._total, ["0"] * self._total
        for number, unit in self._checks:
            passed[number] = counts.get(unit.subject, f"n_{unit.subject}")
            if unit.applies_when is not None:
                skipped[number] = f"a{number}"
                passed[number] += f" - a{number}"
        self._out.line(f"return hits, [{', '.join(passed)}], [{', '.join(skipped)}]")

    def _lists(self, parent: str) -> None:
        """The loops over a subject's lists, and over theirs inside."""
        for subject in SUBJECTS[parent].children:
            if self._below[subject]:
                self._list(subject)

    def _list(self, subject: str) -> None:
        row, numbers = SUBJECTS[subject], self._below[subject]
        name, indices = self._module.slots.name(row.parent, row.list), _indices(row.parent)
        with self._out.block(f"if {name} is None:"):
            self._absent(numbers, indices, 4)
        with self._out.block(f"elif not {name}:"):
            self._absent(numbers, indices, 5)
        with self._out.block("else:"):
            self._out.line(f"n_{subject} += len({name})")
            with self._out.block(f"for i_{subject}, x_{subject} in enumerate({name}):"):
                unpack(self._module, subject, f"x_{subject}")
                self._subject_checks(subject)
                self._lists(subject)

    def _absent(self, numbers: list[int], indices: str, code: int) -> None:
        """No list was sent (4), or it is empty (5): one hit a check, on the parent."""
        with self._out.block(f"for n in {self._module.constants.name(tuple(numbers))}:"):
            self._out.line(f"hit((n, {indices}, {code}))")

    def _subject_checks(self, subject: str) -> None:
        for number, unit in self._by_subject[subject]:
            _OneCheck(self._module, number, unit, self._detail).write()


class _OneCheck:
    """One check inside its subject's loop."""

    def __init__(self, module: Module, number: int, unit: CheckUnit, detail: bool) -> None:
        self._out, self._number, self._unit, self._detail = module.out, number, unit, detail
        lets = dict(unit.lets)
        self._fast = Fast(module, lets, uses(unit, lets))
        self._indices = _indices(unit.subject)

    def write(self) -> None:
        """Not applicable if certainly so, else passed if certainly not failing, else a hit."""
        applies = self._unit.applies_when
        if applies is None:
            self._body()
            return
        self._fast.prepare(applies.node)
        with self._out.block(f"if {self._fast.truth(applies.node, False)}:"):
            self._out.line(f"a{self._number} += 1")
            if self._detail:
                self._hit("0")
        with self._out.block("else:"):
            self._body()

    def _body(self) -> None:
        if self._detail:
            self._out.line("r = 1")
            self._unless_false(self._unit.fails_when.node, self._set_result, 0)
            self._hit("r")
        else:
            self._unless_false(self._unit.fails_when.node, self._hit_result, 0)

    def _unless_false(self, node: Node, then: Callable[[], None], level: int) -> None:
        """Run ``then`` unless the condition is certainly false; costly conjuncts only if it comes to them."""
        if node.op == "and" and level < _NEST:
            first, rest = node.args[0], node.args[1:]
            remaining = rest[0] if len(rest) == 1 else Node("and", node.kind, rest)
            self._unless_false(first, lambda: self._unless_false(remaining, then, level + 1), level + 1)
            return
        self._fast.prepare(node)
        with self._out.block(f"if not ({self._fast.truth(node, False)}):"):
            then()

    def _sure(self) -> str:
        unit = self._unit
        parts = [typed.node for typed in (unit.applies_when, unit.fails_when) if typed is not None]
        return " and ".join(self._fast.truth(node, True) for node in parts)

    def _set_result(self) -> None:
        self._out.line(f"r = 2 if {self._sure()} else 3")

    def _hit_result(self) -> None:
        self._hit(f"2 if {self._sure()} else 3")

    def _hit(self, code: str) -> None:
        self._out.line(f"hit(({self._number}, {self._indices}, {code}))")


def _indices(subject: str) -> str:
    """The tuple of the loops' counters that names the element at hand."""
    return f"({''.join(f'i_{name}, ' for name in reversed(SUBJECTS[subject].around[:-1]))})"


def uses(unit: CheckUnit, lets: dict[str, Typed]) -> dict[str, int]:
    """How often each named value is read by what decides the outcome; inside a loop counts twice."""
    found: Counter[str] = Counter()
    pending: list[tuple[Node, int]] = [(unit.fails_when.node, 1)]
    if unit.applies_when is not None:
        pending.append((unit.applies_when.node, 1))
    while pending:
        node, weight = pending.pop()
        if node.op == "let":
            name = str(node.data)
            found[name] += weight
            if found[name] == weight:
                pending.append((lets[name].node, 1))
        inner = 2 if node.op in {"all", "exists", "exists_one", "filter", "map"} else weight
        pending.extend((arg, inner) for arg in node.args)
    return dict(found)


def write_parameters(module: Module, nodes: Sequence[Node]) -> None:
    """Take the parameters that these nodes read out of ``P``."""
    used = {name for node in nodes for name in parameters_of(node)}
    if not used:
        return
    if len(used) * 4 < len(module.parameters):
        for index, (name, local) in enumerate(module.parameters.items()):
            if name in used:
                module.out.line(f"{local} = P[{index}]")
        return
    names = [local if name in used else "_" for name, local in module.parameters.items()]
    module.out.line(f"({', '.join(names)},) = P")


def write_history(module: Module, nodes: Sequence[Node]) -> None:
    """Ask for outcomes of other rules once, before everything else."""
    asked: dict[str, Node] = {}
    for node in nodes:
        if node.op in {"outcome", "failed_in_a_row"}:
            asked.setdefault(module.history_name(node), node)
    for local, node in asked.items():
        rule = module.constants.name(node.data)
        if node.op == "outcome":
            module.out.line(f"{local} = X.outcome({rule})")
            continue
        arg = node.args[0]
        if arg.op == "const":
            module.out.line(f"{local} = X.failed_in_a_row({rule}, {arg.data!r})")
        else:
            name = module.parameters[str(arg.data)]
            module.out.line(f"{local} = None if {name} is None else X.failed_in_a_row({rule}, {name})")


def unpack(module: Module, subject: str, source: str, *, optional: bool = False) -> None:
    """Take a subject's slots into locals; those of an optional subject that is absent are ``None``."""
    names = [module.slots.name(subject, slot) for slot in module.slots.slots.get(subject, ())]
    if not names:
        return
    if optional:
        with module.out.block(f"if {source} is None:"):
            module.out.line(f"{' = '.join(names)} = None")
        with module.out.block("else:"):
            module.out.line(f"({', '.join(names)},) = {source}")
        return
    module.out.line(f"({', '.join(names)},) = {source}")


def write_explanation(module: Module, name: str, unit: CheckUnit) -> None:
    """The function that explains one check on one subject.

    ``(project, report, P, X, idx) -> (applies, fails, missing, open, lets, refs, severity, severity_open)``.
    """
    out = module.out
    with out.block(f"def {name}(project, report, P, X, idx):"):
        nodes = list(nodes_of(unit, fast=False))
        write_parameters(module, nodes)
        write_history(module, nodes)
        _descend(module, unit.subject, unit.refs, nodes)
        tracer = Tracer(module, frozenset(str(node.args[0].data) for node in nodes if node.op == "set"))
        out.line("missing = []")
        values = _trace_lets(module, tracer, unit)
        tracer.sink = "missing"
        applies = "True" if unit.applies_when is None else tracer.node(unit.applies_when.node)
        fails = tracer.node(unit.fails_when.node)
        _trace_severity(module, tracer, unit)
        refs = [_reference(module, name) for name in unit.refs]
        out.line(
            f"return {applies}, {fails}, missing, open_, ({''.join(f'{v}, ' for v in values)}), "
            f"({''.join(f'{ref}, ' for ref in refs)}), severity, severity_open"
        )


def _reference(module: Module, name: str) -> str:
    subject, _, slot = name.partition(".")
    return module.slots.name(subject, slot)


def write_formula(module: Module, name: str, formula: Formula) -> None:
    """The function that computes one formula: ``(project, report, P, X) -> (value, missing)``."""
    out = module.out
    with out.block(f"def {name}(project, report, P, X):"):
        nodes = list(formula.typed.nodes())
        write_parameters(module, nodes)
        write_history(module, nodes)
        _descend(module, "project", (), nodes)
        out.line("missing = []")
        tracer = Tracer(module, formula.typed.optional_parameters())
        out.line(f"return {tracer.node(formula.typed.node)}, missing")


def _descend(module: Module, subject: str, refs: Sequence[str], nodes: Sequence[Node]) -> None:
    """Take the slots that are read, from the project or report down to the subject at ``idx``."""
    chain = SUBJECTS[subject].around
    read = {(ref.subject, ref.slot) for ref in (node.data for node in nodes) if isinstance(ref, FactRef)}
    read |= {(owner, slot) for owner, _, slot in (name.partition(".") for name in refs)}
    read |= {(SUBJECTS[inner].parent, SUBJECTS[inner].list) for inner in chain[:-1]}
    levels = {inner: level for level, inner in enumerate(reversed(chain[:-1]))}
    for owner in dict.fromkeys((*ROOTS, *reversed(chain))):
        if owner in levels:
            listed = module.slots.name(SUBJECTS[owner].parent, SUBJECTS[owner].list)
            module.out.line(f"x_{owner} = {listed}[idx[{levels[owner]}]]")
        source = f"x_{owner}" if owner in levels else owner
        for slot in module.slots.slots.get(owner, ()):
            if (owner, slot) not in read:
                continue
            value = f"{source}[{module.slots.index(owner, slot)}]"
            if owner == "report":
                value = f"None if report is None else {value}"
            module.out.line(f"{module.slots.name(owner, slot)} = {value}")


def _trace_lets(module: Module, tracer: Tracer, unit: CheckUnit) -> list[str]:
    """All named values in order, each with the leaves that it misses."""
    values = []
    for index, (name, typed) in enumerate(unit.lets):
        tracer.sink = f"m{index}"
        module.out.line(f"m{index} = []")
        value = tracer.node(typed.node)
        module.out.line(f"y{index} = {value}")
        tracer.lets[name] = (f"y{index}", f"m{index}")
        shown = f"y{index}"
        if typed.node.kind.is_list:
            shown = f"None if y{index} is None else (*[e for _, e, _ in y{index}],)"
            module.out.line(f"z{index} = {shown}")
            shown = f"z{index}"
        values.append(shown)
    return values


def _trace_severity(module: Module, tracer: Tracer, unit: CheckUnit) -> None:
    """The first definite step, and the highest step above it that stays open."""
    out = module.out
    out.line("severity = severity_open = None")
    out.line("open_ = []")
    tracer.sink = "open_"
    for level, typed in unit.severity:
        value = "True" if typed is None else tracer.node(typed.node)
        with out.block("if severity is None:"):
            with out.block(f"if {value}:"):
                out.line(f"severity = {level!r}")
            with out.block(f"elif {value} is None and severity_open is None:"):
                out.line(f"severity_open = {level!r}")
