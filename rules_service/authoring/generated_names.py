"""What generated cases are called: the fact that they show, in words."""

from __future__ import annotations

from typing import Final

from rules_service.authoring.atoms import Goal
from rules_service.authoring.probing import Judgement
from rules_service.authoring.texts import Texts
from rules_service.compile.view import View, ViewCheck
from rules_service.language.sentence import state_words
from rules_service.language.states import State, Value
from rules_service.language.typed import FactRef, Node, walk
from rules_service.values.kinds import Base

__all__ = ["Namer"]

_OPERATORS: Final = {"<": "lt", "=": "eq", ">": "gt"}
_LONGEST: Final = 120
_MACROS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})


class Namer:
    """Names for the cases of one check, in Chinese."""

    def __init__(self, check: ViewCheck, view: View) -> None:
        self._texts = Texts("zh")
        self._titles = {name: words.zh for name, words in check.names.items()} | {
            name: _with_value(view, name) for name in check.parameters
        }

    def goal(self, goal: Goal) -> str:
        """What a goal is, in words."""
        texts, node = self._texts, goal.node
        if goal.side and node is not None:
            compared = Node(_OPERATORS[goal.side], node.kind, node.args)
            key = "generated.on" if goal.side == "=" else "generated.beside"
            return texts(key, fact=self._fact(compared, True))
        if node is not None:
            return texts("generated.decides", fact=self._fact(node, goal.value))
        part, case = goal.branch.part, goal.branch.case
        if part == "severity":
            level = case.partition(" ")[2]
            return texts("generated.severity", level=texts(f"level.{level}"))
        return texts(f"generated.{part}", case=case)

    def case(self, goal: Goal, said: Judgement) -> str:
        """The name of a case: what it shows, and what the rule says."""
        outcome = self._texts(f"outcome.{said.outcome}")
        level = self._texts(f"level.{said.severity}") if said.severity else ""
        fact = self.goal(goal)
        fact = fact if len(fact) <= _LONGEST else fact[: _LONGEST - 1] + "…"
        return self._texts("generated.name", fact=fact, said=f"{outcome}{level and '·' + level}")

    def _fact(self, node: Node, value: bool) -> str:
        """A condition; of one in a list the element that it speaks of is named before it."""
        state = State(node, None, Value("true" if value else "false"))
        element = _element(node)
        if element is None:
            return state_words([state], "zh", self._titles)
        words = state_words([state], "zh", self._titles, within=element.variable)
        return self._texts("generated.element", subject=element.zh.partition(".")[0], fact=words)


def _element(node: Node) -> FactRef | None:
    """A fact of the element that a condition inside a list is about."""
    own = {str(one.data) for one in walk(node) if one.op in _MACROS}
    refs = (one.data for one in walk(node) if isinstance(one.data, FactRef))
    return next((ref for ref in refs if ref.variable >= 0 and str(ref.variable) not in own), None)


def _with_value(view: View, name: str) -> str:
    """A parameter's title with its value, where that is a single one."""
    parameter = view.parameters[name]
    single = parameter.type.numeric or parameter.type.base is Base.DATE
    shown = single and parameter.value is not None
    return f"{parameter.title.zh}（{parameter.text}）" if shown else parameter.title.zh
