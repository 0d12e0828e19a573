"""Says rules, severities, parameters and conclusions in whole sentences, for rulebooks and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules_service.authoring.texts import Texts
from rules_service.compile.view import (
    BasisDoc,
    ConditionDoc,
    DecisionDoc,
    ParameterValue,
    TableDoc,
    View,
    ViewCheck,
    Words,
)
from rules_service.language.display import operator_words
from rules_service.language.sentence import sentence
from rules_service.language.typed import Typed
from rules_service.model.catalogue import Catalogue
from rules_service.values.dates import date_text
from rules_service.values.outcomes import Proof, Severity

__all__ = ["CERTAIN", "Speaker"]

# Only these print an article as certain.
CERTAIN: Final = frozenset({Proof.VERIFIED, Proof.SEED})


class Speaker:
    """The sentences of one view in one language."""

    def __init__(self, view: View, texts: Texts, codes: Mapping[str, str]) -> None:
        self._view = view
        self._codes = codes
        self._texts = texts
        self._titles = {name: value.title.text(texts.language) for name, value in view.parameters.items()}
        self._verdicts = _verdicts_by_level(view)

    def scope(self, check: ViewCheck) -> tuple[str, ...]:
        """When the check applies."""
        applies = check.unit.applies_when
        return (self._texts("say.everything") if applies is None else self.condition(check, applies),)

    def fails(self, check: ViewCheck) -> tuple[str, ...]:
        """When it fails."""
        return (self.condition(check, check.unit.fails_when),)

    def lets(self, check: ViewCheck) -> tuple[str, ...]:
        """What its named values mean, in their order."""
        said = tuple(
            self._texts("say.let", name=self._named(check, name), meaning=self.condition(check, typed))
            for name, typed in check.unit.lets
            if not name.startswith("@")
        )
        return (*said, *(self._table(table) for table in check.tables))

    def _table(self, table: TableDoc) -> str:
        """A decision table with its rows."""
        rows = [
            self._texts(
                "say.table_row" if number else "say.table_otherwise",
                number=number,
                row=words.text(self._texts.language),
            )
            for number, words in table.rows.items()
        ]
        hit = self._texts(f"hit.{table.hit}")
        title = table.title.text(self._texts.language)
        return self._texts(
            "say.table", title=title, hit=hit, rows=self._texts("say.table_between").join(rows)
        )

    def subject(self, check: ViewCheck) -> str:
        """What it looks at."""
        if self._texts.language == "en":
            return check.subject
        return Catalogue.load().of(check.subject)[0].zh.partition(".")[0]

    def consequences(self, check: ViewCheck, *, verdicts: bool = True) -> tuple[str, ...]:
        """Each severity, what is recommended, and whether people may decide otherwise."""
        said = list(self.levels(check, verdicts=verdicts))
        if check.actions:
            actions = self._texts.list([self._texts(f"action.{one.action.value}") for one in check.actions])
            said.append(self._texts("say.action", actions=actions))
        if check.override_allowed:
            said.append(self._texts("say.override"))
        return tuple(said)

    def levels(self, check: ViewCheck, *, verdicts: bool = True) -> tuple[str, ...]:
        """Each severity with its condition, and with ``verdicts`` what the place calls what follows."""
        said = []
        for (_, when), step in zip(check.unit.severity, check.severities, strict=True):
            if step.dormant:
                continue
            key = "say.always" if len(check.severities) == 1 else "say.otherwise"
            limited = ""
            if step.limited_by is not None and step.declared is not step.level:
                limited = self._texts(
                    "say.limited", declared=self._level(step.declared), proof=self._proof(step.limited_by)
                )
            condition = self._texts(key) if when is None else self.condition(check, when)
            level = self._consequence(step.level) if verdicts else self._level(step.level)
            said.append(self._texts("say.step", when=condition, level=level, limited=limited))
        return tuple(said)

    def basis(self, basis: BasisDoc) -> str:
        """A document that the rule rests on; an article that is not certain is not printed."""
        article = basis.article if basis.proof in CERTAIN else ""
        return self._texts(
            "say.basis", document=basis.document, article=article, proof=self._proof(basis.proof)
        )

    def parameter(self, name: str) -> str:
        """A parameter with its value, layer, date and source."""
        value = self._view.parameters[name]
        title = value.title.text(self._texts.language)
        if value.is_empty:
            return self._texts("say.parameter_empty", title=title)
        return self._texts(
            "say.parameter",
            title=title,
            words=self.value(value),
            layer=value.layer,
            **{"from": self.day(value.effective_from)},
            source=self.source(value),
        )

    def value(self, value: ParameterValue) -> str:
        """A value with its comparison, blank if there is none."""
        if value.is_empty:
            return ""
        kind = value.type
        held = value.value
        if "code" in {value.kind, value.element}:
            held = self._labelled(held)
        return operator_words(value.operator, held, kind, self._texts.language)

    def _labelled(self, held: object) -> object:
        if isinstance(held, tuple):
            return tuple(self._codes.get(code, code) for code in held)
        return self._codes.get(str(held), held)

    def source(self, value: ParameterValue) -> str:
        """Whether a document states the value, and which."""
        said = [self._message(f"source.{value.source.value}")]
        if value.document:
            said.append(value.document)
        if value.proof is not None:
            said.append(self._proof(value.proof))
        return self._texts.list(list(dict.fromkeys(said)))

    def day(self, day: int | None) -> str:
        """A day number as a date."""
        return "" if day is None else date_text(day)

    def decision(self, decision: DecisionDoc) -> str:
        """The conditions of a conclusion."""
        parts = [self._condition(condition) for condition in decision.when]
        said = self._texts("say.join").join(parts)
        for (_, field), _other in decision.joins:
            key = f"field_of_fact.{field}"
            said += self._texts("say.same", fields=self._texts(key))
        return said

    def conclusion(self, decision: DecisionDoc) -> str:
        """What a decision rule concludes, in the place's words."""
        if decision.decision is not None:
            return self._texts(f"decision.{decision.decision}")
        if decision.level is not None:
            return self._texts(f"level.{decision.level}")
        if decision.action is not None:
            return self._texts(f"action.{decision.action}")
        return self._texts("say.tag", tag=decision.tag)

    def _condition(self, condition: ConditionDoc) -> str:
        tests: Mapping[str, object] = dict(condition.tests)
        if condition.kind == "any_pass":
            return self._texts("say.any_pass")
        if condition.kind == "conclusion":
            return self._texts("say.conclusion", tag=self._allowed(tests.get("tag")))
        if condition.kind == "band":
            return self._texts("say.band", names=self._texts.list([self._allowed(v) for v in tests.values()]))
        rules = self._allowed(tests.get("rule")) or self._texts("say.any_rule")
        levels = self._words("level", tests.get("severity") or tests.get("level"))
        if condition.kind == "history":
            offset = self._allowed(tests.get("offset")).lstrip("-")
            return self._texts("say.history", offset=offset, rules=rules, levels=levels)
        outcomes = self._words("outcome", tests.get("outcome"))
        said = self._texts("say.finding", rules=rules, outcomes=outcomes)
        return said + (self._texts("say.levels", levels=levels) if levels else "")

    def _allowed(self, allowed: object) -> str:
        values = allowed if isinstance(allowed, (tuple, frozenset, list)) else (allowed,)
        return self._texts.list([str(value) for value in values if value is not None])

    def _words(self, group: str, allowed: object) -> str:
        values = allowed if isinstance(allowed, (tuple, frozenset, list)) else (allowed,)
        return self._texts.list([self._texts(f"{group}.{value}") for value in values if value is not None])

    def formula(self, typed: Typed) -> str:
        """An expression of a score sheet in words."""
        return sentence(typed, self._texts.language, self._titles, self._codes)

    def condition(self, check: ViewCheck, typed: Typed) -> str:
        """An expression of a check in words."""
        return sentence(typed, self._texts.language, self._titles | self._names(check), self._codes)

    def _names(self, check: ViewCheck) -> dict[str, str]:
        names = {name: words.text(self._texts.language) for name, words in check.names.items()}
        return names | {table.said: table.title.text(self._texts.language) for table in check.tables}

    def _named(self, check: ViewCheck, name: str) -> str:
        return self._names(check).get(name, name)

    def _consequence(self, level: Severity) -> str:
        verdict = self._verdicts.get(level.name)
        said = self._level(level)
        if verdict is None:
            return said
        return self._texts("say.verdict", level=said, label=verdict.text(self._texts.language))

    def _level(self, level: Severity) -> str:
        return self._texts(f"level.{level.name}")

    def _proof(self, proof: Proof) -> str:
        return self._message(f"proof.{proof.value}")

    def _message(self, key: str) -> str:
        return self._view.messages[key].text(self._texts.language)


def _verdicts_by_level(view: View) -> dict[str, Words]:
    """What the place calls the decision that one finding of a level leads to."""
    chosen = view.verdict_maps.get(view.verdict_map or "")
    found: dict[str, Words] = {}
    if chosen is None:
        return found
    by_rank = sorted(view.decisions.get("review", ()), key=lambda decision: decision.priority)
    for decision in by_rank:  # the highest priority comes last and stays
        if decision.decision is None or len(decision.when) != 1 or decision.when[0].kind != "finding":
            continue
        tests = dict(decision.when[0].tests)
        if tests.get("outcome") != ("FAIL",) or "rule" in tests:
            continue
        levels = tests.get("severity")
        for level in levels if isinstance(levels, tuple) else ():
            found[str(level)] = chosen.verdicts[decision.decision].label
    return found
