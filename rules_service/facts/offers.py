"""Values that a place offers for cost items and indicators: suggestions beside the answer, never verdicts.

A source of offers is a function of a reader; ``SOURCES`` are those that there are: expenditure standards, and
the reference values of libraries of core indicators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rules_service.facts.computed.pricing import cap, found_by, guide
from rules_service.facts.measures import costing_unit
from rules_service.facts.missing import Absent, Missing
from rules_service.facts.quantity import parse_quantity
from rules_service.facts.standards import NO_STANDARD, Aspect, Search, any_of
from rules_service.model.subjects import SUBJECTS
from rules_service.values.dates import date_text
from rules_service.values.numbers import fixed_text
from rules_service.values.outcomes import Proof

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext
    from rules_service.facts.reading import Reader
    from rules_service.facts.standard_matching import Standard

__all__ = ["KINDS", "SOURCES", "Offer", "OfferSource", "offers"]

KINDS: Final = ("CAP", "RANGE", "FIXED", "FLOOR", "PART", "CORE_INDICATOR")
"""A limit, a range, a fixed price, a lower limit, part of a composite, a core indicator's value."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A value for the cell of the fact ``fact`` of a subject.

    ``value`` (``value_to`` the upper end of a range) is a decimal text in ``unit``, of a core indicator
    the text as its library has it.  ``source_id`` is the standard's or the core indicator's.  ``is_binding``:
    it is a limit that the unit must keep; ``is_sample``: from memory, or of a sample library.
    """

    subject: str
    indices: tuple[int, ...]
    fact: str
    kind: str
    name: str
    value: str
    value_to: str
    unit: str
    source_id: str
    document: str
    proof: Proof
    is_sample: bool
    is_binding: bool
    effective_from: str


OfferSource = Callable[["Reader", "FactContext"], Iterable[Offer]]


def offers(reader: Reader, context: FactContext) -> list[Offer]:
    """Everything offered for a request, source by source, each thing once for a cell."""
    return list(dict.fromkeys(offer for source in SOURCES for offer in source(reader, context)))


def _standards(reader: Reader, context: FactContext) -> Iterator[Offer]:
    """For each cost item the price standards that apply; the same for an indicator that it is linked to.

    An indicator is offered those whose unit its own can be converted to (单位成本 in 元/人天).
    """
    indicators = _indicators(reader)
    for index, item in enumerate(_elements(reader, "item", ())):
        if reader.value("item.is_detail", (index,)) is not True:
            continue
        found = list(_of_item(reader, context, index))
        for standard in found:
            yield _offer(standard, "item", (index,), "item.unit_price_yuan")
        for identifier in item.linked_indicator_ids if found else ():
            for place, unit in indicators.get(identifier, ()):
                for standard in found:
                    if unit and context.units.convert_price((1, 1), unit, standard.unit) is not None:
                        yield _offer(standard, "indicator", place, "indicator.target_raw")


def _of_item(reader: Reader, context: FactContext, index: int) -> Iterator[Standard]:
    search = reader.value("item.standard", (index,))
    if not isinstance(search, Search):
        return
    price_cap = cap(context, search)
    found = [price_cap, guide(context, search, None if isinstance(price_cap, Absent) else price_cap)]
    found += [found_by(context, search, aspect, any_of) for aspect in (Aspect.PART, Aspect.FLOOR)]
    for one in found:
        if not isinstance(one, Absent) and one is not NO_STANDARD:
            yield one


def _offer(standard: Standard, subject: str, indices: tuple[int, ...], fact: str) -> Offer:
    row = standard.row
    return Offer(
        subject=subject,
        indices=indices,
        fact=fact,
        kind="PART" if standard.whole is not None else row.limit_kind,
        name=row.item,
        value=fixed_text(row.value or 0),
        value_to="" if row.value_to is None else fixed_text(row.value_to),
        unit=row.unit,
        source_id=row.standard_id,
        document=row.document,
        proof=row.proof,
        is_sample=row.is_sample,
        is_binding=standard.is_hard and standard.whole is None,
        effective_from="" if row.effective_from is None else date_text(row.effective_from),
    )


def _core_indicators(reader: Reader, context: FactContext) -> Iterator[Offer]:
    """For each indicator that is a core indicator, the reference value of the library."""
    if not context.libraries:
        return
    levels = (reader.value(f"project.{name}", ()) for name in ("industry_code", "category_code", "use_code"))
    use = [None if isinstance(code, Missing) else code for code in levels]
    for indices, _ in _places(reader):
        code = reader.value("indicator.core_indicator_code", indices)
        known = None if isinstance(code, Missing) else context.libraries.reference(code, use)
        if known is not None:
            library, row = known
            document = library.document
            has_unit = bool(parse_quantity(row.reference_value).unit)
            yield Offer(
                subject="indicator",
                indices=indices,
                fact="indicator.target_raw",
                kind="CORE_INDICATOR",
                name=row.name,
                value=row.reference_value,
                value_to="",
                unit="" if has_unit else row.unit,
                source_id=row.code,
                document=f"{document.name_zh}（{document.document}）",
                proof=document.proof,
                is_sample=document.sample,
                is_binding=False,
                effective_from=date_text(document.effective_from),
            )


def _places(reader: Reader) -> Iterator[tuple[tuple[int, int], Any]]:
    """The indices and messages of all indicators."""
    for goal, _ in enumerate(_elements(reader, "goal", ())):
        for index, message in enumerate(_elements(reader, "indicator", (goal,))):
            yield (goal, index), message


def _indicators(reader: Reader) -> dict[str, list[tuple[tuple[int, int], str]]]:
    """Places and units of the indicators by identifier."""
    found: dict[str, list[tuple[tuple[int, int], str]]] = {}
    for indices, message in _places(reader):
        read = parse_quantity(message.target_raw)
        unit = costing_unit(read, None, message.unit_raw, message.unit_code)
        found.setdefault(message.indicator_id, []).append((indices, unit))
    found.pop("", None)
    return found


def _elements(reader: Reader, subject: str, around: tuple[int, ...]) -> Sequence[Any]:
    """The messages of a list, none where it is not known."""
    found = reader.value(SUBJECTS[subject].list_fact, around)
    return () if isinstance(found, Missing) else found


SOURCES: Final[tuple[OfferSource, ...]] = (_standards, _core_indicators)
