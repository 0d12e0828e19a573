"""Exact points that may still be open: from a lowest to a highest number."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from rules_service.values.numbers import SCALE

__all__ = ["NOTHING", "Span", "added", "capped", "exactly", "fraction", "limited"]


class Span(NamedTuple):
    """Points between ``low`` and ``high``, both possible; ``high`` is ``None`` where nothing limits them."""

    low: Fraction
    high: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """The number of points, if it is known."""
        return self.low if self.low == self.high else None


NOTHING = Span(Fraction(0), Fraction(0))


def fraction(fixed: int) -> Fraction:
    """A fixed number × 10¹² as it is."""
    return Fraction(fixed, SCALE)


def exactly(points: Fraction) -> Span:
    """Points that are known."""
    return Span(points, points)


def added(spans: Iterable[Span]) -> Span:
    """The sum."""
    low, high = Fraction(0), Fraction(0)
    limited_ = True
    for span in spans:
        low += span.low
        if span.high is None:
            limited_ = False
        else:
            high += span.high
    return Span(low, high if limited_ else None)


def limited(high: Fraction | None, cap: Fraction | None) -> Fraction | None:
    """The lower of two limits."""
    known = [one for one in (high, cap) if one is not None]
    return min(known, default=None)


def capped(span: Span, cap: Fraction | None) -> Span | None:
    """A sum of parts under the limit of the whole; ``None`` where the parts already exceed it."""
    if cap is not None and span.low > cap:
        return None
    return Span(span.low, limited(span.high, cap))
