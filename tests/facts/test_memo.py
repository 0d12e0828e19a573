"""Memories are bounded, keep what is asked for again, and answer as the function they remember."""

from __future__ import annotations

import pytest

from rules_service.facts.memo import Budget, Memo, Rows


def counted(limit: int, characters: int = 1000) -> tuple[Memo[str, int], list[str]]:
    """A memory of lengths, and the keys for which the function was called."""
    asked: list[str] = []

    def length(key: str) -> int:
        asked.append(key)
        return len(key)

    return Memo(length, limit, characters), asked


def test_a_value_is_computed_once() -> None:
    memo, asked = counted(10)
    assert [memo["abc"], memo["abc"]] == [3, 3]
    assert asked == ["abc"]


def test_what_is_asked_again_stays_while_others_pass_through() -> None:
    memo, asked = counted(8)
    for number in range(40):
        assert memo["often"] == 5
        assert memo[f"once {number}"] > 5
    assert asked.count("often") == 1


def test_a_missing_value_is_remembered_like_any_other() -> None:
    asked: list[str] = []
    memo: Memo[str, None] = Memo(asked.append, 4)
    for key in ("a", "b", "a", "c", "a", "d", "a"):
        assert memo[key] is None
    assert asked.count("a") == 1


@pytest.mark.parametrize(("limit", "characters"), [(6, 1000), (1000, 60)])
def test_no_more_is_held_than_the_limits_admit(limit: int, characters: int) -> None:
    memo, _ = counted(limit, characters)
    for number in range(100):
        memo[f"key {number:06}"]  # ten characters
        held = {*memo, *memo._older}
        assert len(held) <= 6


def test_a_key_larger_than_half_the_room_is_answered_but_not_kept() -> None:
    memo, asked = counted(10, characters=20)
    long = "x" * 11
    assert [memo[long], memo[long]] == [11, 11]
    assert asked == [long, long]
    assert long not in memo


def test_a_key_counts_with_everything_in_it() -> None:
    rows: Rows[str] = Rows(Budget(100, characters=40))
    inner = (b"12345", "1234567890", 7, ("12345", frozenset({"x"})))  # 22
    rows.keep(inner, "row")
    assert rows.recall(inner) is None
    rows.keep(inner[:3], "row")  # 16
    assert rows.recall(inner[:3]) == "row"


def test_memories_of_one_budget_make_room_for_each_other() -> None:
    budget = Budget(4)
    first: Rows[int] = Rows(budget)
    second: Rows[int] = Rows(budget)
    first.keep(b"first", 1)
    for number in range(4):
        second.keep(b"%d" % number, number)
    assert first.recall(b"first") is None
    assert second.recall(b"3") == 3


def test_rows_without_a_budget_remember_nothing() -> None:
    rows: Rows[int] = Rows(None)
    assert rows.keep(b"key", 1) == 1
    assert rows.recall(b"key") is None
