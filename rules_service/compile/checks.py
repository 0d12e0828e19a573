"""Checks to units: expressions parsed and typed, templates compiled, and what each of them reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules_service.compile.decision_tables import BuiltTable
from rules_service.compile.expressions import parsed
from rules_service.compile.layering import LayeredCheck
from rules_service.compile.strata import reads_findings
from rules_service.compile.texts import collector
from rules_service.compile.view import ActionDoc, ReasonDoc, SuggestionDoc, TemplatePair, TextCase
from rules_service.facts.text import normalise
from rules_service.language.checker import check
from rules_service.language.template import Template, compile_template
from rules_service.language.tree import Expr, Tree
from rules_service.language.typed import (
    CheckUnit,
    Env,
    ParameterType,
    Typed,
    visible_subjects,
    walk,
)
from rules_service.model.catalogue import Catalogue
from rules_service.model.check_documents import TextDocument
from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.nodes import Scalar
from rules_service.model.subjects import SCORE, SUBJECTS
from rules_service.values.outcomes import Proof

__all__ = ["BuiltCheck", "build_check", "needed"]

# Values of the trace that the engine reads; no author can write such a name.
_REASON = "@reason.{}"
_MESSAGE = "@message.{}"
_REMEDY = "@remedy.{}"
_ACTION = "@action.{}"
_REFERENCE = "@reference_value"
_STANDARD = "@standard_id"


@dataclass(frozen=True, slots=True)
class BuiltCheck:
    """A check ready for a program, with the parameters that its parts read.

    ``scope`` and ``failing`` are those of ``applies_when`` and of ``fails_when``; ``steps`` those of each
    severity step's own condition, ``needs`` those without which a finding of the step cannot be; ``shown``
    everything else (reasons, suggestion, texts). ``optional`` are those of which it asks whether they have a
    value: a case of it rests on them, not the whole. ``rules`` are the checks whose outcomes it reads.
    ``unit`` is ``None`` if ``diagnostics`` holds an error. ``points`` is the proof of the score sheets that
    it reads through its view; ``tables`` are the decision tables that it reads.
    """

    unit: CheckUnit | None
    message: tuple[TextCase, ...]
    remedy: tuple[TextCase, ...]
    at: str | None
    reasons: tuple[ReasonDoc, ...]
    suggestion: SuggestionDoc | None
    actions: tuple[ActionDoc, ...]
    scope: frozenset[str]
    failing: frozenset[str]
    steps: tuple[frozenset[str], ...]
    needs: tuple[frozenset[str], ...]
    shown: frozenset[str]
    optional: frozenset[str]
    rules: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]
    points: Proof | None = None
    tables: tuple[BuiltTable, ...] = ()

    @property
    def parameters(self) -> frozenset[str]:
        """Everything of ``param.`` that conditions and texts read."""
        return self.scope.union(self.failing, self.shown, *self.steps)

    @property
    def required(self) -> frozenset[str]:
        """The parameters without which the check as a whole cannot be evaluated."""
        return (self.scope | self.failing) - self.optional


def build_check(
    layered: LayeredCheck,
    parameters: Mapping[str, ParameterType],
    vocabularies: Mapping[str, frozenset[str]],
    tables: Sequence[BuiltTable] = (),
) -> BuiltCheck:
    """Type one check for the parameters (kinds and operators) of a view; never raises for author input.

    ``tables`` are the decision tables that it reads.
    """
    return _Building(layered, parameters, vocabularies, tables).built()


def needed(fails: Typed, step: Typed | None) -> frozenset[str]:
    """The parameters that a finding of a severity step needs.

    A step whose condition is one of the cases of ``fails_when`` (``blank || short``) needs that case only.
    """
    if step is None or step.tree.root is None or fails.tree.root is None:
        return fails.parameters()
    cases = _parts(fails.tree.root, "||", fails.lets)
    if cases & _parts(step.tree.root, "&&", {}):
        return step.parameters()
    return fails.parameters() | step.parameters()


def _parts(expression: Expr, operator: str, lets: Mapping[str, Typed]) -> set[Expr]:
    """The operands of a chain of ``&&`` or ``||``, with what named values among them stand for."""
    if expression.form == "logic" and expression.value == operator:
        return {part for arg in expression.args for part in _parts(arg, operator, lets)}
    parts = {expression}
    if expression.form == "name" and expression.value in lets:
        root = lets[expression.value].tree.root
        parts |= _parts(root, operator, lets) if root is not None else set()
    return parts


class _Building:
    def __init__(
        self,
        layered: LayeredCheck,
        parameters: Mapping[str, ParameterType],
        vocabularies: Mapping[str, frozenset[str]],
        tables: Sequence[BuiltTable],
    ) -> None:
        self._layered = layered
        self._document = layered.document
        self._parameters = parameters
        self._vocabularies = vocabularies
        self._catalogue = Catalogue.load()
        self._found: Diagnostics = collector()
        self._tables = tuple(tables)
        self._lets: dict[str, Typed] = {name: typed for table in tables for name, typed in table.lets.items()}
        reads = any(reads_findings(tree.root) for tree in self._trees() if tree.root)
        self._stratum = 1 if reads or self._document.subject == SCORE else 0

    def built(self) -> BuiltCheck:
        document = self._document
        if document.subject not in SUBJECTS:
            place = document.mark.value("subject")
            known = "、".join(sorted(SUBJECTS))
            self._found.add("CHECK-SUBJECT", place, subject=document.subject, known=known)
            return self._nothing()
        at = self._at()
        own_lets = self._named_values()
        applies = self._condition(document.applies_when)
        fails = self._condition(document.fails_when)
        steps = [(step.level, self._condition(step.when)) for step in self._layered.levels]
        reasons, suggestion = self._extras()
        actions = self._actions()
        message = self._texts(self._layered.message, _MESSAGE)
        remedy = self._texts(self._layered.remedy, _REMEDY)
        every = [*self._lets.values(), *filter(None, (applies, fails, *(typed for _, typed in steps)))]
        if fails is None or self._found.has_errors():
            return self._nothing()
        templates = [text for case in (*message, *remedy) for text in (case.text.zh, case.text.en)]
        self._unused_lets(own_lets, every, templates)
        unit = CheckUnit(
            id=document.id,
            subject=document.subject,
            applies_when=applies,
            lets=tuple(self._lets.items()),
            fails_when=fails,
            severity=tuple(enumerate(typed for _, typed in steps)),
            refs=self._shown_facts(fails, templates),
            stratum=self._stratum,
            service=document.service,
        )
        return BuiltCheck(
            unit=unit,
            message=message,
            remedy=remedy,
            at=at,
            reasons=reasons,
            suggestion=suggestion,
            actions=actions,
            scope=applies.parameters() if applies is not None else frozenset(),
            failing=fails.parameters(),
            steps=tuple(typed.parameters() if typed is not None else frozenset() for _, typed in steps),
            needs=tuple(needed(fails, typed) for _, typed in steps),
            shown=frozenset().union(
                *(typed.parameters() for typed in self._lets.values()),
                *(template.parameters for template in templates),
            ),
            optional=frozenset().union(*(typed.optional_parameters() for typed in every)),
            rules=frozenset().union(*(typed.rules() for typed in every)),
            diagnostics=tuple(self._found.in_order()),
            tables=self._tables,
        )

    def _nothing(self) -> BuiltCheck:
        none: frozenset[str] = frozenset()
        found = tuple(self._found.in_order())
        return BuiltCheck(None, (), (), None, (), None, (), none, none, (), (), none, none, none, found)

    def _scalars(self) -> Iterable[Scalar]:
        document = self._document
        yield from (entry.value for entry in document.let)
        conditions = [document.applies_when, document.fails_when]
        conditions += [step.when for step in self._layered.levels]
        conditions += [reason.when for reason in document.reason_code]
        conditions += [action.when for action in document.actions]
        conditions += [text.when for text in (*self._layered.message, *self._layered.remedy)]
        yield from (text for text in conditions if text is not None)

    def _trees(self) -> Iterable[Tree]:
        inputs = [one.value for table in self._tables for one in table.layered.document.inputs]
        return (parsed(text.text, text.source) for text in (*self._scalars(), *inputs))

    def _env(self) -> Env:
        return Env(
            catalogue=self._catalogue,
            parameters=self._parameters,
            subject=self._document.subject,
            lets=dict(self._lets),
            stratum=self._stratum,
            vocabularies=self._vocabularies,
            tables={name: table.document.subject for name, table in self._layered.tables.items()},
            normalise=normalise,
        )

    def _typed(self, text: Scalar, *, condition: bool) -> Typed | None:
        typed = check(parsed(text.text, text.source), self._env(), condition=condition)
        self._found.extend(typed.diagnostics)
        return typed if typed.ok else None

    def _condition(self, text: Scalar | None) -> Typed | None:
        return self._typed(text, condition=True) if text is not None else None

    def _named_values(self) -> tuple[Scalar, ...]:
        """Type the author's named values in order; one may read those before it."""
        for entry in self._document.let:
            name = entry.name.text
            if not name.isidentifier() or name in {*SUBJECTS, "param", "table"}:
                self._found.add("LET-NAME", entry.name.source, name=name)
            typed = self._typed(entry.value, condition=False)
            if typed is not None:
                self._lets[name] = typed
        for named in self._document.names:
            if named.name.text not in self._lets:
                self._found.add("LET-NAMED", named.name.source, name=named.name.text)
        return tuple(entry.name for entry in self._document.let)

    def _extras(self) -> tuple[tuple[ReasonDoc, ...], SuggestionDoc | None]:
        """Reason codes and the suggestion, as values of the trace."""
        reasons = []
        for number, reason in enumerate(self._document.reason_code):
            typed = self._condition(reason.when)
            reasons.append(ReasonDoc(reason.code, self._hidden(_REASON.format(number), typed)))
        suggestion = self._document.suggestion
        if suggestion is None:
            return tuple(reasons), None
        for name, text in ((_REFERENCE, suggestion.reference_value), (_STANDARD, suggestion.standard_id)):
            self._hidden(name, self._typed(text, condition=False) if text is not None else None)
        standard = _STANDARD if suggestion.standard_id is not None else None
        return tuple(reasons), SuggestionDoc(_REFERENCE, standard)

    def _actions(self) -> tuple[ActionDoc, ...]:
        """Recommended actions, their conditions as values of the trace."""
        return tuple(
            ActionDoc(one.action, self._hidden(_ACTION.format(number), self._condition(one.when)))
            for number, one in enumerate(self._document.actions)
        )

    def _hidden(self, name: str, typed: Typed | None) -> str | None:
        """Put a value of the engine's own into the trace; its name, if there is one."""
        if typed is None:
            return None
        self._lets[name] = typed
        return name

    def _texts(self, texts: Iterable[TextDocument], name: str) -> tuple[TextCase, ...]:
        """The texts that compile, in order, with the values that choose between them."""
        cases = []
        for number, text in enumerate(texts):
            let = self._hidden(name.format(number), self._condition(text.when))
            zh, en = self._template(text.zh), self._template(text.en)
            if zh is not None and en is not None:
                cases.append(TextCase(let, TemplatePair(zh, en)))
        return tuple(cases)

    def _template(self, text: Scalar) -> Template | None:
        template, diagnostics = compile_template(text.text, text.source, self._env())
        self._found.extend(diagnostics)
        return template

    def _at(self) -> str | None:
        """The fact whose cell is coloured, by its English name."""
        name = self._document.at
        if name is None:
            return None
        fact = self._catalogue.get(name) or self._catalogue.by_zh(name)
        if fact is None:
            self._found.add("CHECK-AT", self._document.mark.value("at"), name=name)
            return None
        return fact.name

    def _shown_facts(self, fails: Typed, templates: Iterable[Template]) -> tuple[str, ...]:
        """The facts whose values a finding shows: those of the failing condition and of the texts."""
        visible = visible_subjects(self._document.subject)
        shown = {name for template in templates for name in template.facts}
        for name in fails.facts():
            fact = self._catalogue[name]
            if fact.subject in visible and fact.kind not in {"list", "record"}:
                shown.add(name)
        return tuple(sorted(shown))

    def _unused_lets(
        self, names: Iterable[Scalar], conditions: Iterable[Typed], templates: Iterable[Template]
    ) -> None:
        """A named value that nothing reads is a slip of the author's."""
        used = {str(node.data) for typed in conditions for node in walk(typed.node) if node.op == "let"}
        used.update(name for template in templates for name in template.lets)
        for name in names:
            if name.text not in used:
                self._found.add("LET-UNUSED", name.source, name=name.text)
