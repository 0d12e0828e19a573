"""Documents of checks: one typed condition on one subject, its severities, texts and legal basis."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from rules_service.model.fields import (
    Bilingual,
    Code,
    Day,
    Document,
    Entries,
    Flag,
    Identifier,
    Located,
    Text,
    fault,
    words,
)
from rules_service.model.nodes import Scalar
from rules_service.values.outcomes import Action, Proof, Severity

__all__ = [
    "ActionDocument",
    "ActionWord",
    "BasisDocument",
    "CheckDocument",
    "ExpressionText",
    "Level",
    "ProofMark",
    "ReasonDocument",
    "Service",
    "SeverityDocument",
    "SuggestionDocument",
    "TextDocument",
    "Texts",
]

Level = Annotated[Severity, BeforeValidator(words(Severity))]
ProofMark = Annotated[Proof, BeforeValidator(words(Proof))]
ActionWord = Annotated[Action, BeforeValidator(words(Action))]
Service = Annotated[Literal["review", "assess"], BeforeValidator(str)]
WhenEmpty = Annotated[Literal["manual", "dormant"], BeforeValidator(str)]
# An expression of the rule language; it is parsed by the language package.
ExpressionText = Located

REVIEW_LEVELS = frozenset({Severity.BLOCK, Severity.RETURN, Severity.WARN, Severity.INFO})
ASSESS_LEVELS = frozenset({Severity.RED, Severity.ORANGE, Severity.YELLOW, Severity.INFO})


class BasisDocument(Document):
    """A document that a rule rests on, and how well that is established.

    A local document of proof S speaks for its own place: ``place`` names that region.
    """

    document: Text
    article: Text | None = None
    proof: ProofMark
    place: Identifier | None = None
    note: Bilingual | None = None


class SeverityDocument(Document):
    """One step of a severity list; the last one has no ``when``."""

    level: Level
    when: ExpressionText | None = None


class ReasonDocument(Document):
    """A reason code, with the condition under which it holds."""

    code: Code
    when: ExpressionText | None = None


class ActionDocument(Document):
    """A recommended action, with the condition under which it is recommended."""

    action: ActionWord
    when: ExpressionText | None = None


class SuggestionDocument(Document):
    """A value that would be in order, offered with a finding."""

    reference_value: ExpressionText
    standard_id: ExpressionText | None = None


class TextDocument(Bilingual):
    """One of the texts of a message or remedy, with the condition under which it is chosen."""

    when: ExpressionText | None = None


def _texts(value: object) -> object:
    """A single text is a list of one without condition."""
    return value if isinstance(value, list) else [value]


def _last_unconditional(texts: tuple[TextDocument, ...]) -> tuple[TextDocument, ...]:
    if texts[-1].when is not None or any(text.when is None for text in texts[:-1]):
        raise fault("DOC-TEXT-CONDITIONS")
    return texts


# One text, or a list from which the first whose condition holds is chosen; the last has none.
Texts = Annotated[
    tuple[TextDocument, ...],
    Field(min_length=1),
    AfterValidator(_last_unconditional),
    BeforeValidator(_texts),
]


def _reasons(value: object) -> object:
    """A single reason code is a list of one without condition."""
    if value is None or isinstance(value, list):
        return value
    return [{"code": value}]


def _action(value: object) -> object:
    """An action alone is one without condition."""
    return value if isinstance(value, dict) else {"action": value}


class CheckDocument(Document):
    """A check as its author wrote it (``docs/architecture.md`` §5)."""

    id: Identifier
    version: Text
    family: Identifier
    service: Service
    subject: Identifier
    title: Bilingual
    applies_when: ExpressionText | None = None
    let: Entries[ExpressionText] = ()
    names: Entries[Bilingual] = ()  # what people call the named values
    fails_when: ExpressionText
    severity: Annotated[tuple[SeverityDocument, ...], Field(min_length=1)]
    reason_code: Annotated[tuple[ReasonDocument, ...], BeforeValidator(_reasons)] = ()
    exempt_for: tuple[Code, ...] = ()
    when_empty: WhenEmpty | None = None
    at: Identifier | None = None
    message: Texts
    remedy: Texts
    actions: tuple[Annotated[ActionDocument, BeforeValidator(_action)], ...] = ()
    override_allowed: Flag = False
    tags: tuple[Text, ...] = ()
    suggestion: SuggestionDocument | None = None
    basis: Annotated[tuple[BasisDocument, ...], Field(min_length=1)]
    owner: Text | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None

    @property
    def conditions(self) -> tuple[Scalar, ...]:
        """Every expression but the named values, in the order of the file."""
        found = [self.applies_when, self.fails_when]
        found += [step.when for step in self.severity]
        found += [reason.when for reason in self.reason_code]
        found += [action.when for action in self.actions]
        found += [text.when for text in (*self.message, *self.remedy)]
        if self.suggestion is not None:
            found += [self.suggestion.reference_value, self.suggestion.standard_id]
        return tuple(text for text in found if text is not None)

    @model_validator(mode="after")
    def _consistent(self) -> CheckDocument:
        check_levels(self.severity, self.service)
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise fault("DOC-DATES-REVERSED")
        if any(reason.when is None for reason in self.reason_code[:-1]):
            raise fault("DOC-REASON-UNREACHABLE")
        return self


def check_levels(levels: tuple[SeverityDocument, ...], service: str) -> None:
    """Raise a fault unless the list runs from the highest level down and its last step is unconditional."""
    scale = REVIEW_LEVELS if service == "review" else ASSESS_LEVELS
    if any(step.level not in scale for step in levels):
        allowed = "、".join(level.name for level in sorted(scale, reverse=True))
        raise fault("DOC-LEVEL-SCALE", service=service, allowed=allowed)
    if levels[-1].when is not None or any(step.when is None for step in levels[:-1]):
        raise fault("DOC-LEVEL-CONDITIONS")
    if any(high.level < low.level for high, low in pairwise(levels)):
        raise fault("DOC-LEVEL-ORDER")
