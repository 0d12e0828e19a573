"""A view: what one region chain's layers, parameters and checks come to on a rule date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from rules_service.compile.cache import Cache
from rules_service.compile.calendars import work_calendar
from rules_service.compile.ceilings import basis_proof, ceiling, limited, weakest
from rules_service.compile.checks import BuiltCheck, build_check
from rules_service.compile.codes import vocabularies
from rules_service.compile.conclusions import basis_docs, decision_docs, verdict_maps
from rules_service.compile.context import SETTINGS, view_context
from rules_service.compile.decision_tables import BuiltTable, build_table
from rules_service.compile.layering import LayeredCheck, active_layers, change_days, layered_checks
from rules_service.compile.libraries import visible
from rules_service.compile.locks import LockSet
from rules_service.compile.parameters import Parameters
from rules_service.compile.reading import (
    codes_named,
    parameters_read,
    table_parameters,
    tables_read,
    vocabularies_read,
)
from rules_service.compile.sheet_rules import (
    SheetRules,
    all_formulas,
    sheet_codes,
    sheets_read,
    through_sheets,
)
from rules_service.compile.sheet_view import Sheet
from rules_service.compile.standards import Choice, choice, lineage, standards_of
from rules_service.compile.table_layers import LayeredTable
from rules_service.compile.table_texts import table_doc
from rules_service.compile.texts import words
from rules_service.compile.view import (
    BasisDoc,
    DecisionDoc,
    InactiveCheck,
    ParameterValue,
    View,
    ViewCheck,
    ViewSeverity,
)
from rules_service.facts.context import FactContext
from rules_service.facts.library import Library
from rules_service.facts.standards import Standards
from rules_service.facts.wordlists import WordLists, read_word_lists
from rules_service.language.called import CALENDAR
from rules_service.language.program import Program, generate
from rules_service.language.typed import CheckUnit, Formula, ParameterType
from rules_service.language.writer import slots_of
from rules_service.model.catalogue import Catalogue
from rules_service.model.library_rows import LibrarySource
from rules_service.model.ruleset import LayerSource
from rules_service.model.subjects import SCORE
from rules_service.values.outcomes import Severity

if TYPE_CHECKING:
    from rules_service.compile.regions import RegionTable
    from rules_service.language.layout import Layout

__all__ = [
    "MAX_VALUES",
    "Identity",
    "Resolver",
    "Rules",
    "is_manual",
    "must_choose",
    "program_unit",
    "types_of",
    "view_severities",
]

# Severities at which a check that reads an empty parameter must say what then holds.
_STRONG = frozenset({Severity.RETURN, Severity.BLOCK, Severity.ORANGE, Severity.RED})
_MAX_VIEWS = 256
_MAX_PROGRAMS = 256
_MAX_PARTS = 4096
MAX_VALUES = 4096
_MAX_LIBRARIES = 64
_MAX_STANDARDS = 64
EXEMPTIONS = "exemption_reasons"


@dataclass(frozen=True, slots=True)
class Identity:
    """What every answer is stamped with."""

    id: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a chain of active layers comes to on a day: parameters, reasons that exempt, and checks.

    ``checks`` are those that run, in order; ``inactive`` those that don't, with the reason; ``dormant_cases``
    those that run without some of their cases; ``sheets`` are the score sheets.
    """

    layers: tuple[LayerSource, ...]
    values: Mapping[str, ParameterValue]
    exemptions: frozenset[str]
    checks: tuple[ViewCheck, ...]
    inactive: tuple[InactiveCheck, ...]
    dormant_cases: tuple[InactiveCheck, ...]
    sheets: tuple[Sheet, ...]


class Resolver:
    """Makes and remembers the views of one ruleset; views with equal checks and operators share a program."""

    def __init__(
        self,
        identity: Identity,
        layers: Sequence[LayerSource],
        regions: RegionTable,
        parameters: Parameters,
        default_verdict_map: str | None,
    ) -> None:
        self._identity = identity
        self._layers = {layer.region: layer for layer in layers}
        self._regions = regions
        self.parameters = parameters
        self._default_verdict_map = default_verdict_map
        self.reads = parameters_read(layers)
        self.tables_read = tables_read(layers)
        self._code_facts = [fact for fact in Catalogue.load() if "code" in {fact.kind, fact.element}]
        self._codes_read = vocabularies_read(layers, self._code_facts)
        self._vocabularies: Cache[tuple[str, ...], dict[str, frozenset[str]]] = Cache(_MAX_VIEWS)
        self._values: Cache[tuple[tuple[str, ...], int], dict[str, ParameterValue]] = Cache(MAX_VALUES)
        self._frames: Cache[tuple[str, int | None], View] = Cache(_MAX_VIEWS)
        self._views: Cache[tuple[str, int | None], View] = Cache(_MAX_VIEWS)
        self._parts: Cache[tuple[str, int | None, frozenset[str]], View] = Cache(_MAX_PARTS)
        self._programs: Cache[tuple[object, ...], Program] = Cache(_MAX_PROGRAMS)
        self._built: Cache[tuple[object, ...], BuiltCheck] = Cache(16384)
        self._tables: Cache[tuple[object, ...], BuiltTable] = Cache(4096)
        self._lists: Cache[tuple[str, ...], WordLists] = Cache(_MAX_VIEWS)
        self._libraries: Cache[str, Library] = Cache(_MAX_LIBRARIES)
        self._standards: Cache[tuple[tuple[str, ...], Choice], Standards] = Cache(_MAX_STANDARDS)
        self._lineage = lineage(regions.documents())
        self._contexts: Cache[tuple[object, ...], FactContext] = Cache(_MAX_PARTS)
        self._days: dict[str, tuple[int, ...]] = {}
        self.sheet_rules = SheetRules()

    def _forget(self) -> None:
        """Begin memories of one's own, with the checks that were built."""
        self._views, self._parts, self._programs = Cache(_MAX_VIEWS), Cache(_MAX_PARTS), Cache(_MAX_PROGRAMS)
        self._built = self._built.copy()

    def chain(self, region: str) -> tuple[LayerSource, ...]:
        """The layers from the root to a region code; regions without rules of their own have none."""
        return tuple(self._layers[code] for code in self._regions.chain(region) if code in self._layers)

    def days(self, region: str) -> tuple[int, ...]:
        """The days on which the rules of a region change, in order."""
        if region not in self._days:
            layers = self.chain(region)
            found = change_days(layers) | self.parameters.starts([layer.region for layer in layers])
            self._days[region] = tuple(sorted(found))
        return self._days[region]

    def view(self, region: str, day: int) -> View:
        """The view of a region code on a rule date."""
        key = (self._layer_key(region), self._start(region, day))
        view = self._views.get(key, lambda: self._part(self.frame(region, day), self.rules(region, day)))
        chain = self._regions.chain(region)
        return view if view.region_chain == chain else replace(view, region_chain=chain)

    def _layer_key(self, region: str) -> str:
        """Regions without rules of their own share their nearest ancestor's view."""
        return self.chain(region)[-1].region

    def rules(self, region: str, day: int, only: frozenset[str] | None = None) -> Rules:
        """The rules of a region code on a rule date, or ``only`` those with these ids.

        Score sheets are there for the rules that ask them.
        """
        layers = active_layers(self.chain(region), day)
        values = self.values(layers, day)
        chosen = [check for check in layered_checks(layers, day) if only is None or check.document.id in only]
        sheets: tuple[Sheet, ...] = ()
        if only is None or any(check.document.subject == SCORE for check in chosen):
            sheets = self.sheet_rules.of_view(layers, values, types_of(values), self.codes(layers), day)
        checks, inactive, dormant_cases = self._checks(chosen, layers, values, sheets)
        exemptions = exemptions_of(layers, values)
        return Rules(layers, values, exemptions, checks, inactive, dormant_cases, sheets)

    def decisions(self, region: str, day: int) -> Mapping[str, tuple[DecisionDoc, ...]]:
        """The decisions of a region code on a rule date, by service."""
        return _decisions(active_layers(self.chain(region), day))

    def frame(self, region: str, day: int) -> View:
        """A view without any rules: how facts are read, decisions, and texts."""
        key = (self._layer_key(region), self._start(region, day))
        return self._frames.get(key, lambda: self._new_frame(region, day))

    def _new_frame(self, region: str, day: int) -> View:
        rules = self.rules(region, day, frozenset())
        layers = rules.layers
        program = self._program((), rules.values, ())
        libraries = tuple(self.library(source) for source in visible(layers, day))
        return View(
            bundle_id=self._identity.id,
            version=self._identity.version,
            hash=self._identity.hash,
            region_chain=self._regions.chain(region),
            layer=layers[-1].region,
            rule_from=self._start(region, day),
            rule_to=next((change for change in self.days(region) if change > day), None),
            checks=(),
            inactive=(),
            dormant_cases=(),
            sheets=(),
            program=program,
            P=_arguments(program, rules.values, layers),
            layout=program.layout,
            parameters=rules.values,
            fact_context=self._context(rules, libraries),
            libraries=libraries,
            decisions=_decisions(layers),
            verdict_maps=verdict_maps(layers),
            verdict_map=self._verdict_map(layers),
            exemptions=rules.exemptions,
            messages={
                entry.name.text: words(entry.value)
                for layer in layers
                for document in layer.messages
                for entry in document.messages
            },
        )

    def _checks(
        self,
        chosen: Iterable[LayeredCheck],
        layers: Sequence[LayerSource],
        values: Mapping[str, ParameterValue],
        sheets: Sequence[Sheet],
    ) -> tuple[tuple[ViewCheck, ...], tuple[InactiveCheck, ...], tuple[InactiveCheck, ...]]:
        """The checks that run, in order; those that don't, with the reason; those with dormant cases."""
        names = [layer.region for layer in layers]
        active: list[ViewCheck] = []
        inactive: list[InactiveCheck] = []
        dormant_cases: list[InactiveCheck] = []
        for check in chosen:
            made = through_sheets(self.built(check, values, layers), sheets, values)
            empty = _empty(made.required, values)
            if check.off is not None:
                item = _view_check(-1, check, made, values, names)
                inactive.append(InactiveCheck(item, "SWITCHED_OFF", note=check.off))
            elif sheets_read(made, sheets) == ():
                item = _view_check(-1, check, made, values, names)
                inactive.append(InactiveCheck(item, "NO_SUBJECT"))
            elif empty and not is_manual(check):
                item = _view_check(-1, check, made, values, names)
                inactive.append(InactiveCheck(item, "PARAM_EMPTY", parameters=empty))
            else:
                active.append(_view_check(len(active), check, made, values, names))
                open_ = _empty(made.optional, values)
                if open_:
                    dormant_cases.append(InactiveCheck(active[-1], "CASE_PARAM_EMPTY", parameters=open_))
        return tuple(active), tuple(inactive), tuple(dormant_cases)

    def _program(
        self,
        checks: Sequence[ViewCheck],
        values: Mapping[str, ParameterValue],
        sheets: Sequence[Sheet],
        layout: Layout | None = None,
    ) -> Program:
        """The program of these checks and sheets, shared with every view that has the same ones."""
        units, formulas = [program_unit(check) for check in checks], all_formulas(sheets)
        if layout is not None and not _suits(layout, units, formulas):
            layout = None
        shape = tuple((id(check.unit), unit.severity) for check, unit in zip(checks, units, strict=True))
        return self._programs.get(
            (shape, tuple(map(id, formulas)), layout),
            lambda: generate(units, [CALENDAR, *sorted(values)], layout, formulas),
        )

    def part(self, region: str, day: int, only: frozenset[str]) -> View:
        """The view of a region code on a rule date with some of its rules."""
        key = (self._layer_key(region), self._start(region, day), only)
        part = self._parts.get(key, lambda: self._new_part(region, day, only))
        chain = self._regions.chain(region)
        return part if part.region_chain == chain else replace(part, region_chain=chain)

    def _new_part(self, region: str, day: int, only: frozenset[str]) -> View:
        return self._part(self.frame(region, day), self.rules(region, day, only))

    def _start(self, region: str, day: int) -> int | None:
        """The day from which the rules of a region are as they are on a day."""
        return max((change for change in self.days(region) if change <= day), default=None)

    def _part(self, frame: View, rules: Rules, layout: Layout | None = None) -> View:
        """A view with rules; facts are read as the frame says, unless these rules say otherwise."""
        program = self._program(rules.checks, rules.values, rules.sheets, layout)
        return replace(
            frame,
            checks=rules.checks,
            inactive=rules.inactive,
            dormant_cases=rules.dormant_cases,
            sheets=rules.sheets,
            program=program,
            P=_arguments(program, rules.values, rules.layers),
            layout=program.layout,
            parameters=rules.values,
            fact_context=self._context(rules, frame.libraries),
            verdict_map=self._verdict_map(rules.layers),
            exemptions=rules.exemptions,
        )

    def is_sound(self, region: str, day: int, rule: str) -> bool:
        """Whether a rule of a region on a day is free of errors, as every rule of a bundle is."""
        layers = active_layers(self.chain(region), day)
        values = self.values(layers, day)
        checks = (check for check in layered_checks(layers, day) if check.document.id == rule)
        return all(self.built(check, values, layers).unit is not None for check in checks)

    def built(
        self, check: LayeredCheck, values: Mapping[str, ParameterValue], layers: Sequence[LayerSource]
    ) -> BuiltCheck:
        """A check typed for a view; the same for all views that agree in the operators and words it reads."""
        codes = self.codes(layers)
        name = check.document.id
        read = [values[item] for item in sorted(self.reads[name]) if item in values]
        operators = tuple((item.id, item.kind, item.element, item.operator) for item in read)
        known = tuple((item, codes.get(item)) for item in sorted(self._codes_read[name]))
        tables = [
            self.table(check.tables[item], values, layers)
            for item in sorted(self.tables_read[name])
            if item in check.tables
        ]
        key = (check.key, operators, known, tuple(map(id, tables)))
        return self._built.get(key, lambda: build_check(check, types_of(values), codes, tables))

    def table(
        self, table: LayeredTable, values: Mapping[str, ParameterValue], layers: Sequence[LayerSource]
    ) -> BuiltTable:
        """A decision table typed for a view; the same for all views that agree in what it reads."""
        codes = self.codes(layers)
        text = "\n".join(one.text for one in table.source.expressions)
        types = types_of(values)
        operators = tuple((name, types.get(name)) for name in sorted(table_parameters(table.source)))
        known = tuple((name, codes.get(name)) for name in sorted(codes_named(text, self._code_facts)))
        key = (id(table.source), table.layer, operators, known)
        return self._tables.get(key, lambda: build_table(table, types, codes))

    def codes(self, layers: Sequence[LayerSource]) -> dict[str, frozenset[str]]:
        """The words that each code fact and each limited parameter of active layers may hold."""
        return self._vocabularies.get(
            tuple(layer.region for layer in layers if layer.vocabularies or layer.score_sheets),
            lambda: (
                vocabularies(item for layer in layers for item in layer.vocabularies)
                | sheet_codes(layers)
                | {f"param.{name}": words for name, words in self.parameters.words.items()}
            ),
        )

    def word_lists(self, layers: Sequence[LayerSource]) -> WordLists:
        """The word lists of active layers; raises ``WordListError``."""
        chain = tuple(layer.region for layer in layers if layer.wordlists)
        return self._lists.get(chain, lambda: read_word_lists([layer.wordlists for layer in layers]))

    def _context(self, rules: Rules, libraries: Sequence[Library]) -> FactContext:
        """How facts are read, the same for all views whose layers and settings say the same of it."""
        settings = tuple(rules.values[name].value for name in SETTINGS if name in rules.values)
        words = tuple(read for layer in rules.layers if any(read := _reading(layer)))
        key = (tuple(map(id, libraries)), settings, rules.exemptions, tuple(map(id, chain(*words))))
        return self._contexts.get(
            key,
            lambda: view_context(
                rules.layers,
                rules.values,
                rules.exemptions,
                self.word_lists(rules.layers),
                visible=libraries,
                standards=self.standards(rules.layers, choice(rules.values)),
            ),
        )

    def standards(self, layers: Sequence[LayerSource], chosen: Choice) -> Standards:
        """The standards of active layers, the same for all views that choose alike."""
        having = [layer for layer in layers if layer.standards or layer.overlay is None]
        key = (tuple(layer.region for layer in having), chosen)
        return self._standards.get(key, lambda: standards_of(having, chosen, self._lineage))

    def library(self, source: LibrarySource) -> Library:
        """A version of a library, ready to be asked; the same for all views."""
        return self._libraries.get(source.folder, lambda: Library(source))

    def values(self, layers: Sequence[LayerSource], day: int) -> dict[str, ParameterValue]:
        """The parameters of active layers on a day."""
        chain = tuple(layer.region for layer in layers)

        def at() -> dict[str, ParameterValue]:
            return self.parameters.at(chain, day, LockSet.of(layers, self.reads).parameters)

        return self._values.get((chain, day), at)

    def _verdict_map(self, layers: Sequence[LayerSource]) -> str | None:
        for layer in reversed(layers):
            if layer.overlay is not None and layer.overlay.verdict_map is not None:
                return layer.overlay.verdict_map
        return self._default_verdict_map


def _arguments(
    program: Program, values: Mapping[str, ParameterValue], layers: Sequence[LayerSource]
) -> tuple[Any, ...]:
    """The values of a program's parameters; the working days of the place are one of them."""
    return tuple(
        work_calendar(layers) if name == CALENDAR else values[name].value for name in program.parameters
    )


def types_of(values: Mapping[str, ParameterValue]) -> dict[str, ParameterType]:
    """What is known of parameters when expressions are typed."""
    return {name: ParameterType(item.kind, item.element, item.operator) for name, item in values.items()}


def _reading(layer: LayerSource) -> tuple[Sized, ...]:
    """What of a layer says how facts are read."""
    return (
        layer.vocabularies,
        layer.trees,
        layer.content_sets,
        layer.standards,
        layer.wordlists,
        layer.default_operators,
    )


def _decisions(layers: Sequence[LayerSource]) -> dict[str, tuple[DecisionDoc, ...]]:
    return {service: decision_docs(layers, service) for service in ("review", "assess")}


def is_manual(check: LayeredCheck) -> bool:
    """Whether the check stays open (INDETERMINATE) while a parameter that it needs is empty."""
    return check.document.when_empty == "manual"


def must_choose(check: LayeredCheck) -> bool:
    """Whether a check must say what holds while a parameter is empty; weak ones are dormant by default."""
    return check.document.when_empty is None and any(step.level in _STRONG for step in check.levels)


def _suits(layout: Layout, units: Sequence[CheckUnit], formulas: tuple[Formula, ...]) -> bool:
    """Whether a layout holds everything that some checks and formulas read."""
    needed = slots_of(tuple(units), formulas).slots
    return all(layout.has(subject, slot) for subject, slots in needed.items() for slot in slots)


def _empty(names: frozenset[str], values: Mapping[str, ParameterValue]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if name in values and values[name].is_empty))


def program_unit(check: ViewCheck) -> CheckUnit:
    """The unit with its steps as they count here: without dormant ones, and from the highest level down.

    A ceiling may bring a step below a later one; the highest level whose condition holds counts.
    """
    steps = [step for step in check.unit.severity if not check.severities[step[0]].dormant]
    steps.sort(key=lambda step: -check.severities[step[0]].level)  # stable: equal levels stay in order
    always = next(place for place, (_, condition) in enumerate(steps) if condition is None)
    return replace(check.unit, severity=tuple(steps[: always + 1]))


def _view_check(
    number: int,
    check: LayeredCheck,
    made: BuiltCheck,
    values: Mapping[str, ParameterValue],
    chain: Sequence[str],
) -> ViewCheck:
    document = check.document
    assert made.unit is not None
    return ViewCheck(
        number=number,
        id=document.id,
        version=document.version,
        family=document.family,
        service=document.service,
        subject=document.subject,
        stratum=made.unit.stratum,
        unit=made.unit,
        title=words(check.title),
        message=made.message,
        remedy=made.remedy,
        severities=view_severities(check, made, values, chain),
        reasons=made.reasons,
        suggestion=made.suggestion,
        exempt_for=frozenset(document.exempt_for),
        actions=made.actions,
        override_allowed=check.override_allowed,
        tags=document.tags,
        at=made.at,
        basis=_basis(check, made, chain),
        parameters=tuple(name for name in sorted(made.parameters) if name in values),
        layer=check.layer,
        names={entry.name.text: words(entry.value) for entry in document.names},
        tables=tuple(table_doc(table, values) for table in made.tables),
    )


def _basis(check: LayeredCheck, made: BuiltCheck, chain: Sequence[str]) -> tuple[BasisDoc, ...]:
    """What the check and its tables rest on; first the place's own document that set its severity."""
    documents = basis_docs(check.document.basis, chain)
    for table in made.tables:
        known = {(one.document, one.article) for one in documents}
        more = basis_docs(table.layered.document.basis, chain)
        documents += tuple(one for one in more if (one.document, one.article) not in known)
    raised = check.raised_on
    if raised is None or any(raised.document.startswith(one.document) for one in documents):
        return documents
    return (raised, *documents)


def view_severities(
    check: LayeredCheck, made: BuiltCheck, values: Mapping[str, ParameterValue], chain: Sequence[str]
) -> tuple[ViewSeverity, ...]:
    """The steps after ceilings; one whose own parameter is empty is dormant, unless the check is manual."""
    basis = basis_proof(check.document.basis, is_root=check.is_root, chain=chain)
    if made.points is not None:
        basis = weakest([basis, made.points])
    tables = (table.layered for table in made.tables)
    proofs = (basis_proof(one.document.basis, is_root=one.is_root, chain=chain) for one in tables)
    basis = weakest([basis, *proofs])
    steps = []
    for step, own, needs in zip(check.levels, made.steps, made.needs, strict=True):
        proof = ceiling(basis, [values[name] for name in sorted(needs)], check.raised_by)
        level = limited(step.level, proof, check.document.service)
        dormant = bool(_empty(own, values)) and not is_manual(check)
        steps.append(ViewSeverity(level, step.level, proof if level != step.level else None, dormant))
    return tuple(steps)


def exemptions_of(layers: Sequence[LayerSource], values: Mapping[str, ParameterValue]) -> frozenset[str]:
    """The reasons that exempt: the lowest overlay's list, else the parameter of that name."""
    for layer in reversed(layers):
        if layer.overlay is not None and layer.overlay.exemptions is not None:
            return frozenset(layer.overlay.exemptions)
    parameter = values.get(EXEMPTIONS)
    return frozenset(parameter.value or ()) if parameter is not None else frozenset()
