"""The extractor: a compiled reader of requests for one layout and one place's context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rules_service.facts.cells import cell
from rules_service.facts.computed import COMPUTATIONS
from rules_service.facts.computed.links import NO_LINKS
from rules_service.facts.context import FactContext
from rules_service.facts.emit import emit, identifier
from rules_service.facts.exemption import NO_EXEMPTION, Exemption, read_exemption
from rules_service.facts.fields import enum_words, plain_fact
from rules_service.facts.memo import Memo
from rules_service.facts.memories import memories
from rules_service.facts.missing import Absent, Missing
from rules_service.facts.offers import Offer, offers
from rules_service.facts.reading import Reader
from rules_service.facts.source import (
    Request,
    RequestDates,
    Source,
    held_out,
    request_dates,
)
from rules_service.language.layout import HAS, Layout
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

__all__ = ["Extractor", "FactSet"]

TEXTS_REMEMBERED: Final = 20_000
GROUPS_REMEMBERED: Final = 10_000
VARIANTS_REMEMBERED: Final = 64  # sets of fields that hosts don't hold; few hosts, few sets

# Facts that quote pieces of the text they are read from: the vague terms.
_QUOTING: Final = frozenset({"goal.vague_clauses", "indicator.vague_terms"})

Extract = Callable[..., tuple[tuple[Any, ...], tuple[Any, ...] | None]]


class _Words(dict[int, str]):
    """The words of an enum; an unknown number has none."""

    def __missing__(self, number: int) -> None:
        return None


@dataclass(frozen=True, slots=True)
class FactSet:
    """The facts of one request: tuples in the order of the layout.

    ``report`` is ``None`` for a review, and where the section REPORT was not provided. ``made`` holds the
    elements of the subject that the engine makes: their messages and paths.
    """

    project: tuple[Any, ...]
    report: tuple[Any, ...] | None
    exemption: Exemption
    source: Source
    made: tuple[tuple[Any, str], ...] = ()

    @property
    def root(self) -> Request:
        """The request."""
        return self.source.request

    @property
    def dates(self) -> RequestDates:
        """Rule date, as-of date and date of evaluation."""
        return self.source.dates

    @property
    def has_history(self) -> bool:
        """Whether the section HISTORY was provided."""
        return self.source.has_history


class Extractor:
    """Reads requests into facts.  Thread-safe: what it remembers are answers of pure functions."""

    def __init__(self, layout: Layout, context: FactContext) -> None:
        self.layout = layout
        self.context = context
        self._memories = {remember: memories(context, remember=remember) for remember in (False, True)}
        self._variants: Memo[tuple[frozenset[tuple[str, tuple[str, ...]]], bool], Extract] = Memo(
            lambda key: self._compile(*key), VARIANTS_REMEMBERED
        )
        self._held_out = Memo(held_out, VARIANTS_REMEMBERED)
        self._sections: Memo[tuple[int, ...], frozenset[int]] = Memo(frozenset, VARIANTS_REMEMBERED)

    def review(self, request: ReviewRequest, evaluated_on: int | None = None) -> FactSet:
        """The facts of a budget application; never raises for what a request holds.

        ``evaluated_on`` is the day of the answer; without it, the one that the request names.
        """
        source = self._source(request, evaluated_on, is_review=True)
        return self._facts(source, None)

    def assess(self, request: AssessRequest, evaluated_on: int | None = None) -> FactSet:
        """The facts of a monitoring report; goals are those of the request, not of the project."""
        source = self._source(request, evaluated_on, is_review=False)
        return self._facts(source, request.report if source.has_report else None)

    def why(self, facts: FactSet, subject: str, indices: tuple[int, ...], slot: str) -> Missing | None:
        """Why a slot is missing; ``None`` if it is not."""
        reader = Reader(facts.source, self.context)
        name = f"{subject}.{slot.removeprefix(HAS)}"
        found = reader.has(name, indices) if slot.startswith(HAS) else reader.value(name, indices)
        return found if isinstance(found, Missing) else None

    def offers(self, facts: FactSet) -> list[Offer]:
        """The values that the place offers for the request's cost items and indicators."""
        return offers(Reader(facts.source, self.context), self.context)

    def cell(self, facts: FactSet, fact: str, indices: tuple[int, ...]) -> tuple[str, str]:
        """Where a fact stands in the request and what was sent there, as text."""
        return cell(Reader(facts.source, self.context), fact, indices)

    def spans(self, fact: str) -> Callable[[str], list[tuple[int, int]]] | None:
        """How to find what a fact quotes in its raw text, in UTF-16 units; ``None`` if it quotes nothing."""
        if fact not in _QUOTING:
            return None
        read = self.context.vague.read
        return lambda raw: [(hit.start, hit.end) for hit in read(raw).hits]

    def _source(self, request: Request, evaluated_on: int | None, *, is_review: bool) -> Source:
        asked = request.context
        names = asked.not_held
        return Source(
            request,
            self._sections[tuple(asked.provided)],
            self._held_out[tuple(names)] if names else frozenset(),
            request_dates(request, evaluated_on),
            is_review,
        )

    def _facts(self, source: Source, report: Any) -> FactSet:
        project = source.project
        extract = self._variants[source.not_held, project.classified]
        dates = source.dates
        slow = Reader(source, self.context)
        rows, reported = extract(
            project, report, source.provided, dates.rule_date, dates.as_of, dates.evaluated_on, slow
        )
        exemption = read_exemption(source, self.context) if project.HasField("exempt") else NO_EXEMPTION
        return FactSet(rows, reported, exemption, source)

    def _compile(self, not_held: frozenset[tuple[str, tuple[str, ...]]], classified: bool) -> Extract:
        emitted = emit(self.layout, not_held)
        known = self._memories[not classified]
        space: dict[str, Any] = {
            "context": known.context,
            "Absent": Absent,
            "NO_LINKS": NO_LINKS,
        }
        space |= known.texts
        for name in emitted.codes:
            space[f"C_{identifier(name)}"] = known.code(name)
        for name in emitted.enums:
            enum = plain_fact(name).enum
            assert enum is not None
            space[f"E_{identifier(name)}"] = _Words(enum_words(enum))
        for name in emitted.functions:
            space[f"F_{identifier(name)}"] = COMPUTATIONS[name].function
        for subject in emitted.elements:
            rows = known.rows()
            space |= {f"recall_{subject}": rows.recall, f"keep_{subject}": rows.keep}
        # The text is generated from the closed catalogue; nothing of a ruleset or a request is in it.
        exec(compile(emitted.source, "<facts>", "exec"), space)  # noqa: S102
        extract: Extract = space["extract"]
        return extract
