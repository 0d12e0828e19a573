"""The slow path: reads one fact of one element, and says why it is missing where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from rules_service.facts.computed import COMPUTATIONS
from rules_service.facts.computed.joins import Place, find_indicators, unreported_indicators
from rules_service.facts.computed.links import Links, find_links
from rules_service.facts.fields import (
    RECORD_LISTS,
    PlainFact,
    Reading,
    code_name,
    enum_words,
    plain_fact,
)
from rules_service.facts.memo import Lookup, Unremembered
from rules_service.facts.missing import Absent, Missing
from rules_service.facts.plan import EACH
from rules_service.facts.quantity import parse_quantity
from rules_service.facts.source import Source, parsed_date, parsed_decimal
from rules_service.facts.stated import stated
from rules_service.facts.text import normalise
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.subjects import LISTS, SUBJECTS
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["Reader"]

Indices = tuple[int, ...]
_COPIES: Lookup[str, str] = Unremembered(normalise)
_NUMBERS: Lookup[str, int | None] = Unremembered(parsed_decimal)
_AT = re.compile(r"\[(\d+)\]\.([a-z_]+)")


class Reader:
    """Reads facts one by one from a source, with the reason for each one that is missing."""

    __slots__ = ("_catalogue", "_context", "_derived", "_indicators", "_links", "_source")

    def __init__(self, source: Source, context: FactContext) -> None:
        self._source = source
        self._context = context
        self._catalogue = Catalogue.load()
        self._links: Links | Missing | None = None
        self._indicators: dict[str, Place | None] | Missing | None = None
        self._derived: dict[str, Callable[[str], Any]] = {
            "keywords": context.keywords.read,
            "parsed": parse_quantity,
            "stated": partial(stated, context),
            "vague": context.vague.read,
        }

    def value(self, name: str, indices: Indices) -> Any:
        """The value of the fact ``name`` for the element at ``indices``, or ``Missing``.

        ``indices``: ``()`` for project and report, ``(g,)`` goal, ``(g, i)`` indicator, and so on.
        Lists of subjects give the messages; one that the engine makes is empty until then.
        """
        if _by_engine(name):
            return ()
        unknown = self._parent_missing(self._catalogue[name], indices)
        if unknown is not None:
            return unknown
        if name in COMPUTATIONS:
            return self._computed(name, indices)
        return self._plain(plain_fact(name), indices)

    def has(self, name: str, indices: Indices) -> bool | Missing:
        """Whether the fact is there: true, false, or missing where that is unknown."""
        if _by_engine(name):
            return False
        fact = self._catalogue[name]
        unknown = self._parent_missing(fact, indices)
        if unknown is not None:
            return unknown
        if fact.computed:
            return self._has_computed(name, indices)
        plain = plain_fact(name)
        withheld = self._withheld(plain, indices)
        if withheld is not None:
            return withheld
        if plain.reading is Reading.SUBJECTS:
            return len(self.elements(LISTS[name].name, indices)) > 0
        return _present(self.message(fact.subject, indices), plain)

    def question(self, name: str, indices: Indices) -> bool | None:
        """As ``has``, with ``None`` for missing."""
        found = self.has(name, indices)
        return None if isinstance(found, Missing) else found

    def links(
        self, copies: Lookup[str, str] = _COPIES, numbers: Lookup[str, int | None] = _NUMBERS
    ) -> Links | None:
        """The cost items by indicator, ``None`` where the items are not known.

        ``copies`` gives working copies of texts, ``numbers`` reads decimals.
        """
        if self._links is None:
            items = self.value(SUBJECTS["item"].list_fact, ())
            if not isinstance(items, Missing):
                goals = self.elements("goal", ())
                items = find_links(
                    self._source,
                    goals,
                    items,
                    copies,
                    numbers,
                    lambda name, place: self.value(name, (place,)),
                )
            self._links = items
        return None if isinstance(self._links, Missing) else self._links

    def _of_item(self, name: str, place: int) -> Any:
        return self.value(name, (place,))

    def joined(self, subject: str, copies: Lookup[str, str] = _COPIES) -> dict[str, Any]:
        """The messages that those of a subject are joined to, by their identifiers; empty if unknown."""
        known = self._known_indicators(copies)
        if isinstance(known, Missing) or not self._source.holds(subject, (SUBJECTS[subject].id_field,)):
            return {}
        goals = self.elements("goal", ())
        return {
            identifier: goals[place[0]].indicators[place[1]]
            for identifier, place in known.items()
            if place is not None
        }

    def unreported(self, copies: Lookup[str, str] = _COPIES) -> list[Place] | None:
        """The indicators that the report leaves out, ``None`` where the tables or the rows are not known."""
        known = self._known_indicators(copies)
        if isinstance(known, Missing) or not self._source.holds("actual", ("indicator_id",)):
            return None
        reported = {copies[actual.indicator_id] for actual in self.elements("actual", ())}
        return unreported_indicators(self.elements("goal", ()), known, reported, copies)

    def _known_indicators(self, copies: Lookup[str, str] = _COPIES) -> dict[str, Place | None] | Missing:
        """The indicators by identifier, or why they are not known."""
        if self._indicators is None:
            withheld = self._parent_missing(self._catalogue["indicator.indicator_id"], (0, 0))
            held = self._source.holds("indicator", ("indicator_id",))
            if withheld is None and not held:
                withheld = Missing(
                    MissingReason.NOT_SENT, "goals[0].indicators[0].indicator_id", "indicator.indicator_id"
                )
            goal_id = self.message("report", ()).goal_id if self._source.holds("report", ("goal_id",)) else ""
            self._indicators = withheld or find_indicators(self.elements("goal", ()), goal_id, copies)
        return self._indicators

    def _joined_place(self, subject: str, indices: Indices) -> Indices | Missing:
        """The indices of the indicator that an actual value is joined to, or why there is none."""
        known = self._known_indicators()
        if isinstance(known, Missing):
            return known
        fact = self._catalogue[f"{subject}.{SUBJECTS[subject].id_field}"]
        identifier = self.value(fact.name, indices)
        if isinstance(identifier, Missing):
            return identifier
        if not identifier:
            return self._missing(MissingReason.NOT_SENT, fact, indices)
        return known.get(identifier) or self._missing(MissingReason.UNKNOWN_CODE, fact, indices)

    def path(self, subject: str, indices: Indices) -> str:
        """Where an element stands in the request: ``project.goals[0].indicators[3]``."""
        row = SUBJECTS[subject]
        if not row.parent:
            return subject
        return f"{self.field_path(self._catalogue[row.list_fact], indices[:-1])}[{indices[-1]}]"

    def field_path(self, fact: Fact, indices: Indices) -> str:
        """Where the cell of a fact stands: ``project.goals[0].indicators[3].weight``."""
        listed = LISTS.get(fact.name)
        if listed is not None and listed.in_assessment and not self._source.is_review:
            return listed.in_assessment
        return f"{self.path(fact.subject, indices)}.{fact.field}"

    def message(self, subject: str, indices: Indices) -> Any:
        """The protobuf message of an element; ``IndexError`` if the request has none there."""
        if not SUBJECTS[subject].parent:
            return getattr(self._source.request, subject, None)
        return self.elements(subject, indices[:-1])[indices[-1]]

    def elements(self, subject: str, around: Indices) -> Any:
        """The messages in a subject's list, in the element of its parent at ``around``."""
        row = SUBJECTS[subject]
        if row.in_assessment and not self._source.is_review:
            return getattr(self._source.request, row.in_assessment)
        plain = plain_fact(row.list_fact)
        return _leaf(_holder(self.message(row.parent, around), plain), plain)

    def _missing(self, reason: MissingReason, fact: Fact, indices: Indices, at: str = "") -> Missing:
        return Missing(reason, self.field_path(fact, indices) + at, fact.name)

    def _parent_missing(self, fact: Fact, indices: Indices) -> Missing | None:
        """The list around an element may be unknown; then so is everything in it."""
        step = indices
        if SUBJECTS[fact.subject].root == "report" and not self._source.has_report:
            return Missing(MissingReason.NOT_SENT, "report", fact.name)
        for subject in SUBJECTS[fact.subject].around[:-1]:
            step = step[:-1]
            withheld = self._withheld(plain_fact(SUBJECTS[subject].list_fact), step)
            if withheld is not None:
                return withheld
        return None

    def _withheld(self, plain: PlainFact, indices: Indices) -> Missing | None:
        """NOT_SENT where the section was not provided or the host has no such field."""
        source = self._source
        if source.provides(plain.section) and source.holds(plain.fact.subject, plain.path):
            return None
        return self._missing(MissingReason.NOT_SENT, plain.fact, indices)

    def _plain(self, plain: PlainFact, indices: Indices) -> Any:
        withheld = self._withheld(plain, indices)
        if withheld is not None:
            return withheld
        if plain.reading is Reading.SUBJECTS:
            return self.elements(LISTS[plain.name].name, indices)
        message = self.message(plain.fact.subject, indices)
        value = _READERS[plain.reading](_holder(message, plain), plain, self._context)
        if value is not None:
            return value
        reason = _reason(message, plain)
        return self._missing(reason, plain.fact, indices)

    def _computed(self, name: str, indices: Indices) -> Any:
        fact = self._catalogue[name]
        result = self._result(name, indices)
        return self._explained(result, fact, indices) if isinstance(result, Absent) else result

    def _result(self, name: str, indices: Indices) -> Any:
        computation = COMPUTATIONS[name]
        subject = self._catalogue[name].subject
        values = [self._input(subject, spec, indices) for spec in computation.inputs]
        return computation.function(
            self._context, *(None if isinstance(value, Missing) else value for value in values)
        )

    def _has_computed(self, name: str, indices: Indices) -> bool | Missing:
        result = self._result(name, indices)
        if not isinstance(result, Absent):
            return True
        if result.present is not None:
            return result.present
        subject = self._catalogue[name].subject
        if result.of.startswith("@"):
            return self._explained(result, self._catalogue[name], indices)
        of, at = self._input_fact(subject, result.of, indices)
        if isinstance(at, Missing):
            return at
        return self.has(of, result.indices if result.indices is not None else at)

    def _explained(self, absent: Absent, fact: Fact, indices: Indices) -> Missing:
        if absent.of and absent.reason is None:
            found = self._blamed(absent, fact, indices)
            if isinstance(found, Missing):
                return found
        of, at = self._input_fact(fact.subject, absent.of, indices) if absent.of else (fact.name, indices)
        if isinstance(at, Missing):
            return at
        named, where = self._catalogue[of], absent.indices if absent.indices is not None else at
        reason = absent.reason or MissingReason.NOT_SENT
        if absent.at and reason is MissingReason.NOT_SENT:
            reason = self._unread(named, where, absent.at)
        return self._missing(reason, named, where, absent.at)

    def _unread(self, fact: Fact, indices: Indices, at: str) -> MissingReason:
        """Why the field ``[2].value`` of a list of messages gives nothing: what is sent can't be read."""
        match = _AT.fullmatch(at)
        assert match is not None, at
        plain = plain_fact(fact.name)
        element = _leaf(_holder(self.message(fact.subject, indices), plain), plain)[int(match[1])]
        value = getattr(element, match[2])
        if not isinstance(value, str) or not value or value.isspace():
            return MissingReason.NOT_SENT
        is_code = (match[2], Reading.CODE) in RECORD_LISTS[plain.name]
        return MissingReason.UNKNOWN_CODE if is_code else MissingReason.UNPARSEABLE

    def _blamed(self, absent: Absent, fact: Fact, indices: Indices) -> Any:
        """The reason of the input that a computing function blames."""
        if absent.indices is not None:
            return self.value(absent.of, absent.indices)
        return self._input(fact.subject, absent.of, indices)

    def _input_fact(self, subject: str, spec: str, indices: Indices) -> tuple[str, Indices | Missing]:
        """The fact that an input names, and the indices of its element."""
        if spec in self._catalogue:
            return spec, indices
        if spec.startswith(EACH):
            return SUBJECTS[spec.removeprefix(EACH).partition(":")[0]].list_fact, indices
        owner, asked = _owned(spec)
        name = asked.rpartition(":")[2]
        if not owner:
            return f"{subject}.{name}", indices
        if owner == SUBJECTS[subject].joined:
            return f"{owner}.{name}", self._joined_place(subject, indices)
        return f"{owner}.{name}", indices[: SUBJECTS[owner].depth]

    def _input(self, subject: str, spec: str, indices: Indices) -> Any:
        if spec.startswith("@"):
            return self._special(spec)
        if spec.startswith(EACH):
            return self._each(spec.removeprefix(EACH), indices)
        name, at = self._input_fact(subject, spec, indices)
        if isinstance(at, Missing):
            return at
        return self._read(name, at, _owned(spec)[1].rpartition(":")[0])

    def _read(self, name: str, at: Indices, form: str) -> Any:
        """A fact in the form that an input asks for: ``has``, ``raw``, ``parsed``, …; "" for its value."""
        if form == "has":
            return self.has(name, at)
        if form == "raw":
            return self._raw(plain_fact(name), at)
        if form in self._derived:
            text = self._raw(plain_fact(name), at)
            return text if isinstance(text, Missing) else self._derived[form](text)
        value = self.value(name, at)
        if name in LISTS and not isinstance(value, Missing):
            return _tuples(value, name, self._context)
        if form == "filled" and isinstance(value, Missing):
            present = self.has(name, at)
            return False if present is False else value
        return value

    def _each(self, spec: str, indices: Indices) -> Any:
        """A fact of all elements of a list in the subject."""
        child, _, name = spec.partition(":")
        elements = self.value(SUBJECTS[child].list_fact, indices)
        if isinstance(elements, Missing):
            return elements
        values = [self.value(f"{child}.{name}", (*indices, position)) for position in range(len(elements))]
        return [None if isinstance(value, Missing) else value for value in values]

    def _raw(self, plain: PlainFact, indices: Indices) -> Any:
        withheld = self._withheld(plain, indices)
        message = self.message(plain.fact.subject, indices)
        return withheld if withheld is not None else _leaf(_holder(message, plain), plain)

    def _special(self, spec: str) -> Any:
        if spec == "@seen":
            return {}
        if spec == "@links":
            return self.links() or self._links
        dates = self._source.dates
        if spec == "@unreported":
            found = self.unreported()
            return self._known_indicators() if found is None else found
        if spec == "@evaluated_on":
            day = dates.evaluated_on
            name = "context.evaluated_on"
            return Missing(MissingReason.NOT_SENT, name, name) if day is None else day
        day = dates.rule_date if spec == "@rule_date" else dates.as_of
        return self._date_missing(spec) if day is None else day

    def _date_missing(self, spec: str) -> Missing:
        """Why a date of the request is unknown: what was sent is no date, or the default has no ground."""
        context = self._source.request.context
        names = ["rule_date", "as_of"] if spec == "@rule_date" else ["as_of"]
        if self._source.is_review and spec == "@as_of":
            names.append("rule_date")
        for name in names:
            if getattr(context, name):
                return Missing(MissingReason.UNPARSEABLE, f"context.{name}", f"context.{name}")
        if self._source.is_review:
            return Missing(MissingReason.NOT_SENT, "project.fiscal_year", "project.fiscal_year")
        sent = bool(self.message("report", ()).as_of)
        reason = MissingReason.UNPARSEABLE if sent else MissingReason.NOT_SENT
        return Missing(reason, "report.as_of", "report.as_of")


def _owned(spec: str) -> tuple[str, str]:
    """The subject that an input names before a colon, "" for none, and what is asked of it."""
    owner, colon, asked = spec.partition(":")
    return (owner, asked) if colon and owner in SUBJECTS else ("", spec)


def _by_engine(name: str) -> bool:
    """Whether a fact is a list whose elements the engine makes."""
    return name in LISTS and LISTS[name].by_engine


def _holder(message: Any, plain: PlainFact) -> Any:
    """The message that directly holds the field."""
    for step in plain.path[:-1]:
        message = getattr(message, step)
    return message


def _present(message: Any, plain: PlainFact) -> bool:
    holder = _holder(message, plain)
    value = getattr(holder, plain.path[-1])
    if plain.reading in {Reading.NUMBER, Reading.FLAG}:
        return bool(holder.HasField(plain.path[-1]))
    if plain.reading is Reading.RECORD:
        return bool(value.ByteSize())
    if plain.reading in {Reading.TEXT, Reading.CODE}:
        return normalise(value) != ""
    if plain.reading in {Reading.DECIMAL, Reading.DATE}:
        return value != "" and not value.isspace()
    return bool(value)


def _reason(message: Any, plain: PlainFact) -> MissingReason:
    if not _present(message, plain):
        return MissingReason.NOT_SENT
    if plain.reading in {Reading.CODE, Reading.ENUM}:
        return MissingReason.UNKNOWN_CODE
    return MissingReason.UNPARSEABLE


def _leaf(holder: Any, plain: PlainFact) -> Any:
    return getattr(holder, plain.path[-1])


def _number(holder: Any, plain: PlainFact, _context: FactContext) -> Any:
    return _leaf(holder, plain) if holder.HasField(plain.path[-1]) else None


def _word(holder: Any, plain: PlainFact, _context: FactContext) -> Any:
    return _enum_word(plain, _leaf(holder, plain))


def _enum_word(plain: PlainFact, number: int) -> str | None:
    assert plain.enum is not None
    return enum_words(plain.enum).get(number)


def _records(holder: Any, plain: PlainFact, context: FactContext) -> Any:
    return _tuples(_leaf(holder, plain), plain.name, context)


def _tuples(elements: Iterable[Any], name: str, context: FactContext) -> Any:
    """A list of messages as computing functions see it."""
    fields = RECORD_LISTS[name]
    return tuple(
        tuple(_record_value(element, name, field, reading, context) for field, reading in fields)
        for element in elements
    )


def _record_value(element: Any, listed: str, name: str, reading: Reading, context: FactContext) -> Any:
    value = getattr(element, name)
    if reading is Reading.DECIMAL:
        return parsed_decimal(value)
    if reading is Reading.DATE:
        return parsed_date(value)
    if reading is Reading.CODE:
        return context.code(code_name(listed, name), value)
    if reading is Reading.TEXT:
        return normalise(value)
    if reading is Reading.ENUM:
        return _enum_word(plain_fact(code_name(listed, name)), value)
    return value if element.HasField(name) else None


_READERS: dict[Reading, Callable[[Any, PlainFact, FactContext], Any]] = {
    Reading.TEXT: lambda holder, plain, _: normalise(_leaf(holder, plain)),
    Reading.CODE: lambda holder, plain, context: context.code(plain.name, _leaf(holder, plain)),
    Reading.ENUM: _word,
    Reading.DECIMAL: lambda holder, plain, _: parsed_decimal(_leaf(holder, plain)),
    Reading.DATE: lambda holder, plain, _: parsed_date(_leaf(holder, plain)),
    Reading.NUMBER: _number,
    Reading.FLAG: _number,
    Reading.RECORD: lambda holder, plain, _: _leaf(holder, plain),
    Reading.RECORDS: _records,
    Reading.TEXTS: lambda holder, plain, _: tuple(normalise(text) for text in _leaf(holder, plain)),
    Reading.NUMBERS: lambda holder, plain, _: tuple(_leaf(holder, plain)),
}
