"""What a view's rules say about reading facts: vocabularies, trees, standards, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rules_service.compile.libraries import CHOSEN, chosen
from rules_service.compile.standards import BINDING, OFFERED, REFERENCE, SAMPLES
from rules_service.compile.view import ParameterValue
from rules_service.facts.context import FactContext, ScheduleMode
from rules_service.facts.library import Library
from rules_service.facts.standards import Standards
from rules_service.facts.vocabulary import ContentSet, IndicatorTree, Vocabulary
from rules_service.facts.wordlists import WordLists
from rules_service.model.ruleset import LayerSource

__all__ = ["SETTINGS", "view_context"]

# Parameters by which a ruleset chooses how facts are read, with their kinds.
SETTINGS: Mapping[str, str] = {
    "include_carry_in": "boolean",
    "schedule_mode": "code",
    "equal_weights": "boolean",
    SAMPLES: "boolean",
    OFFERED: "boolean",
    "exemption_reasons": "list<code>",
    BINDING: "list<text>",
    REFERENCE: "list<text>",
    "unitless_names": "list<text>",
    CHOSEN: "list<code>",
    "sync_stages": "list<code>",
    "ex_ante_content_set": "code",
    "ex_ante_extra_contents": "list<code>",
    "ex_ante_extra_categories": "list<code>",
    "evaluation_authority": "list<code>",
}

_SCHEDULES: Mapping[str, ScheduleMode] = {"DAY": "DAY", "PROJECT_MONTHS": "PROJECT_MONTHS"}


def view_context(
    layers: Sequence[LayerSource],
    values: Mapping[str, ParameterValue],
    exemptions: frozenset[str],
    lists: WordLists,
    *,
    visible: Sequence[Library],
    standards: Standards,
) -> FactContext:
    """The context of a chain of active layers with its word lists, libraries and standards."""
    libraries = chosen(visible, values)
    return FactContext(
        vocabularies=_vocabularies(layers) | (libraries.vocabularies() if libraries else {}),
        trees=_trees(layers),
        units=lists.units,
        polarity=lists.polarity,
        keywords=lists.keywords,
        vague=lists.vague,
        placeholders=lists.placeholders,
        unbounded_rates=lists.unbounded_rates,
        timing_words=lists.timing_words,
        fitting_units=lists.fitting_units,
        goal_scopes=lists.goal_scopes,
        unitless_names=tuple(_setting(values, "unitless_names", default=())),
        libraries=libraries,
        default_operators=_default_operators(layers),
        stage_steps=_steps(layers, "project.stage"),
        sync_stages=tuple(_setting(values, "sync_stages", default=())),
        content_sets=_content_sets(layers),
        required_content_set=str(_setting(values, "ex_ante_content_set", default="")),
        extra_contents=tuple(_setting(values, "ex_ante_extra_contents", default=())),
        extra_categories=frozenset(_setting(values, "ex_ante_extra_categories", default=())),
        evaluation_authority=tuple(_setting(values, "evaluation_authority", default=())),
        standards=standards,
        offers_values=bool(_setting(values, OFFERED, default=False)),
        exempt_reasons=exemptions,
        include_carry_in=bool(_setting(values, "include_carry_in", default=False)),
        schedule_mode=_SCHEDULES.get(str(_setting(values, "schedule_mode", default="")).upper(), "MONTH"),
        equal_weights=bool(_setting(values, "equal_weights", default=False)),
    )


def _setting(values: Mapping[str, ParameterValue], name: str, *, default: Any) -> Any:
    parameter = values.get(name)
    return default if parameter is None or parameter.value is None else parameter.value


def _default_operators(layers: Iterable[LayerSource]) -> dict[str, str]:
    """The operator that a target without one has, by level-2 code; a lower layer replaces single ones."""
    return {code: operator for layer in layers for code, operator in layer.default_operators.items()}


def _vocabularies(layers: Iterable[LayerSource]) -> dict[str, Vocabulary]:
    """The words of all layers together: a place adds its own."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for layer in layers:
        for document in layer.vocabularies:
            words = found.setdefault(document.vocabulary, [])
            words.extend((value.code, value.aliases) for value in document.values)
    return {name: Vocabulary.of(words) for name, words in found.items()}


def _steps(layers: Iterable[LayerSource], vocabulary: str) -> dict[str, int]:
    """The order of a vocabulary's codes; a lower layer's word counts."""
    return {
        value.code: value.step
        for layer in layers
        for document in layer.vocabularies
        if document.vocabulary == vocabulary
        for value in document.values
        if value.step is not None
    }


def _content_sets(layers: Iterable[LayerSource]) -> dict[str, ContentSet]:
    """Content sets by their code; a lower layer's replaces the one of the same code."""
    return {
        document.content_set: ContentSet(
            tuple(content.code for content in document.contents), document.items or 0
        )
        for layer in layers
        for document in layer.content_sets
    }


def _trees(layers: Iterable[LayerSource]) -> dict[str, IndicatorTree]:
    """Indicator trees by version; a lower layer's tree replaces the one of the same version."""
    return {
        document.tree: IndicatorTree(
            {node.code: frozenset(child.code for child in node.children) for node in document.level1},
            frozenset(document.scopes),
            document.effective_from,
        )
        for layer in layers
        for document in layer.trees
    }
