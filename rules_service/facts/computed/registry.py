"""The register of computing functions: which fact each computes, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules_service.facts.missing import Absent, because
from rules_service.model.catalogue import Catalogue

__all__ = ["COMPUTATIONS", "Computation", "carried", "computes"]


@dataclass(frozen=True, slots=True)
class Computation:
    """How one computed fact comes about: ``function(context, *inputs)`` gives a value or ``Absent``.

    An input is the short name of a fact of the same subject; or

    - ``has:name``: whether that fact is there (``True``, ``False``, ``None``);
    - ``filled:name``: a boolean field that counts as false where it was not filled in;
    - ``raw:name``: the text of the field as sent (units tell capital letters from small ones);
    - ``keywords:name``, ``parsed:name``, ``stated:name``, ``vague:name``: the keywords, the quantities, those
      that should be measured, or the vague wording, in that text;
    - ``project:name``, ``goal:name``: a fact of the project, or of another subject around this one
      (``project:has:name``, ``project:keywords:name`` and the like too);
    - ``indicator:name`` of an actual value: a fact of the indicator that it is joined to;
    - ``each:actual:name`` of the subject in which a list stands: that fact of all its elements, in order;
    - ``@rule_date``, ``@as_of``, ``@evaluated_on``: day numbers of the request;
    - ``@seen``: how often each key has come up, shared by the indicators of one goal, in their order;
    - ``@links``: the cost items by the indicators that they are linked to;
    - ``@unreported``: indicators of the tables reported on of which a report says nothing, as indices.

    ``unlinked``, of functions of ``@links``, is the value for an indicator that no cost item is linked to.
    A missing input is ``None``.  A list of messages is a tuple of tuples (``fields.RECORD_LISTS``), also
    where rules see it as a list of subjects.
    Functions are pure but for ``@seen``, and total: they never raise, whatever the request holds.
    """

    fact: str
    inputs: tuple[str, ...]
    function: Callable[..., Any]
    unlinked: Any = None

    @property
    def steady(self) -> bool:
        """Whether it depends on the element and its surroundings alone, not on other elements."""
        return not any(name in {"@seen", "@links"} for name in self.inputs)


COMPUTATIONS: dict[str, Computation] = {}


def computes(
    fact: str, *inputs: str, unlinked: Any = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function that computes ``fact``; its name must be the catalogue's."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        if Catalogue.load()[fact].computed != function.__name__ or fact in COMPUTATIONS:
            raise ValueError(f"{fact} is not computed by {function.__name__}")
        COMPUTATIONS[fact] = Computation(fact, inputs, function, unlinked)
        return function

    return register


def carried(fact: str, of: str, take: Callable[[Any], Any] | None = None) -> None:
    """Register ``fact`` as the input ``of``, or as what ``take`` makes of it; missing where ``of`` is."""

    def carry(_context: object, value: Any) -> Any | Absent:
        if value is None:
            return because(of)
        return value if take is None else take(value)

    carry.__name__ = Catalogue.load()[fact].computed
    computes(fact, of)(carry)
