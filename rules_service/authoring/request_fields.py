"""Which fields of a request a condition reads, also through what is computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from rules_service.facts.computed.registry import COMPUTATIONS
from rules_service.facts.fields import MESSAGES, RECORD_LISTS, leaf_of, message_of
from rules_service.language.keys import Reading, inlined
from rules_service.language.typed import FactRef, Node
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.subjects import SUBJECTS
from rules_service.pb.budget.rules.v1.report_pb2 import MonitoringReport
from rules_service.pb.budget.rules.v1.review_service_pb2 import RequestContext

__all__ = ["facts_read", "fields_read", "kinds_of_fields"]

_CONTEXT = RequestContext.DESCRIPTOR
_OF_REQUEST: Mapping[str, frozenset[str]] = {
    "@as_of": frozenset(
        {
            _CONTEXT.fields_by_name["as_of"].full_name,
            MonitoringReport.DESCRIPTOR.fields_by_name["as_of"].full_name,
        }
    ),
    "@evaluated_on": frozenset({_CONTEXT.fields_by_name["evaluated_on"].full_name}),
    "@links": frozenset(field.full_name for field in MESSAGES["item"].fields if field.message_type is None),
    "@unreported": frozenset({MESSAGES["actual"].fields_by_name["indicator_id"].full_name}),
}


def facts_read(node: Node, reading: Reading) -> frozenset[str]:
    """The facts that a condition reads, named values included."""
    node = inlined(node, reading)
    found = {node.data.name} if node.op == "fact" and isinstance(node.data, FactRef) else set()
    for arg in node.args:
        found |= facts_read(arg, reading)
    return frozenset(found)


def fields_read(facts: Iterable[str]) -> frozenset[str]:
    """The full names of the fields that facts are read from."""
    found: frozenset[str] = frozenset()
    for name in facts:
        found |= _fields(name)
    return found


@cache
def _fields(name: str) -> frozenset[str]:
    return _collected(name, frozenset())


def _collected(name: str, above: frozenset[str]) -> frozenset[str]:
    fact = Catalogue.load().get(name)
    if fact is None or name in above or fact.subject not in MESSAGES:
        return frozenset()
    leaf = leaf_of(fact)
    found = {leaf.full_name, *_lists_around(fact.subject)}
    if leaf.message_type is not None and above:
        seen = {inner for inner, _ in RECORD_LISTS.get(name, ())} or message_of(leaf).fields_by_name.keys()
        found |= {message_of(leaf).fields_by_name[inner].full_name for inner in seen}
    computation = COMPUTATIONS.get(name)
    for given in computation.inputs if computation is not None else ():
        found |= _of_input(given, fact, above | {name})
    return frozenset(found)


def _lists_around(subject: str) -> Iterator[str]:
    """The lists in which the elements of a subject stand."""
    for name in SUBJECTS[subject].around:
        if SUBJECTS[name].parent:
            yield leaf_of(Catalogue.load()[SUBJECTS[name].list_fact]).full_name


def _of_input(given: str, fact: Fact, above: frozenset[str]) -> frozenset[str]:
    """The fields behind an input of a computation; see ``Computation`` for how inputs are named."""
    if given.startswith("@"):
        return _OF_REQUEST.get(given, frozenset())
    *prefixes, short = given.split(":")
    subject = next((prefix for prefix in reversed(prefixes) if prefix in SUBJECTS), fact.subject)
    return _collected(f"{subject}.{short}", above)


@cache
def kinds_of_fields() -> Mapping[str, tuple[Fact, ...]]:
    """The plain facts that are read from each field."""
    found: dict[str, list[Fact]] = {}
    for fact in Catalogue.load():
        if not fact.computed and fact.subject in MESSAGES:
            found.setdefault(leaf_of(fact).full_name, []).append(fact)
    return {name: tuple(facts) for name, facts in found.items()}
