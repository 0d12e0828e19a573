"""Whatever a lower layer does within a lock, it never accepts what the layer above refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules_service.compile.lint_overlays import not_lowered
from rules_service.compile.locks import not_looser
from rules_service.compile.view import ViewSeverity
from rules_service.model.parameter_documents import Stricter
from rules_service.values.outcomes import Severity

NUMBERS = st.integers(-5, 5)
OPERATORS = st.sampled_from(["GT", "GE", "LT", "LE"])
COMPARE = {
    "GT": lambda x, value: x > value,
    "GE": lambda x, value: x >= value,
    "LT": lambda x, value: x < value,
    "LE": lambda x, value: x <= value,
}
# Halves lie between the whole thresholds, so that x > 3 and x >= 4 differ.
PROBES = [half / 2 for half in range(-14, 15)]


@given(st.sampled_from([Stricter.UP, Stricter.DOWN]), NUMBERS, OPERATORS, NUMBERS, OPERATORS)
def test_numbers(direction: Stricter, old: int, old_op: str, new: int, new_op: str) -> None:
    """A line of alarm (down with >) only catches more; a pass mark (up with >=) only passes fewer."""
    if not not_looser(direction, old, old_op, new, new_op):
        return
    before = {x for x in PROBES if COMPARE[old_op](x, old)}
    after = {x for x in PROBES if COMPARE[new_op](x, new)}
    grows = (old_op in {"GT", "GE"}) is (direction is Stricter.DOWN)
    assert after >= before if grows else after <= before


@given(st.sampled_from([Stricter.UP, Stricter.DOWN]), NUMBERS, OPERATORS, NUMBERS, OPERATORS)
def test_moves_that_keep_the_direction_are_allowed(
    direction: Stricter, old: int, old_op: str, new: int, new_op: str
) -> None:
    """The converse: what only gets stricter, with operators of one direction, is not refused."""
    if (old_op in {"GT", "GE"}) is not (new_op in {"GT", "GE"}):
        return
    before = {x for x in PROBES if COMPARE[old_op](x, old)}
    after = {x for x in PROBES if COMPARE[new_op](x, new)}
    grows = (old_op in {"GT", "GE"}) is (direction is Stricter.DOWN)
    assert not_looser(direction, old, old_op, new, new_op) is (after >= before if grows else after <= before)


@given(st.sampled_from([Stricter.SUPERSET, Stricter.SUBSET]), st.sets(NUMBERS), st.sets(NUMBERS))
def test_lists(direction: Stricter, old: set[int], new: set[int]) -> None:
    """A list moves only towards more, or only towards fewer."""
    allowed = not_looser(direction, tuple(old), "IN", tuple(new), "IN")
    assert allowed is (new >= old if direction is Stricter.SUPERSET else new <= old)


@given(NUMBERS, OPERATORS, NUMBERS, OPERATORS)
def test_without_a_direction_nothing_moves(old: int, old_op: str, new: int, new_op: str) -> None:
    """A locked parameter that declares no direction stays as it is."""
    assert not_looser(None, old, old_op, new, new_op) is ((old, old_op) == (new, new_op))


Steps = list[tuple[str, ViewSeverity]]
LEVELS = [Severity.INFO, Severity.WARN, Severity.RETURN, Severity.BLOCK]


@st.composite
def severity_lists(draw: st.DrawFn) -> Steps:
    """Conditions a, b, c with levels, from the highest down, and a last one that always holds."""
    conditions = draw(st.lists(st.sampled_from("abc"), unique=True, max_size=3))
    levels = sorted((draw(st.sampled_from(LEVELS)) for _ in range(len(conditions) + 1)), reverse=True)
    return [
        (condition, ViewSeverity(level, level, None, dormant=False))
        for condition, level in zip([*conditions, ""], levels, strict=True)
    ]


def highest(steps: Steps, true: set[str]) -> Severity:
    return max(step.level for condition, step in steps if condition in true or condition == "")


@given(severity_lists(), severity_lists(), st.sets(st.sampled_from("abc")))
def test_severities(above: Steps, own: Steps, true: set[str]) -> None:
    """Whichever conditions hold, a list that passes the lock gives at least the locked level."""
    if not_lowered(above, own):
        assert highest(own, true) >= highest(above, true)
