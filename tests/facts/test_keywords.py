"""Keywords: pairs of characters outside stop words, the same for the same texts."""

from __future__ import annotations

import pytest

from rules_service.facts.keywords import ENOUGH, Keywords, shared

PLAIN = Keywords()
STOPPING = Keywords(["项目", "项", "的"])


@pytest.mark.parametrize(
    ("reader", "one", "other", "count"),
    [
        pytest.param(PLAIN, "教师", "培训教师", 1, id="one pair"),
        pytest.param(PLAIN, "教师培训", "培训教师", 2, id="order does not matter"),
        pytest.param(PLAIN, "教师教师教师", "教师", 1, id="each pair counts once"),
        pytest.param(PLAIN, "师", "教师", 0, id="a single character is no keyword"),
        pytest.param(PLAIN, "教，师", "教师", 0, id="punctuation ends a word"),
        pytest.param(PLAIN, "教师", "教1师", 0, id="so does a figure"),
        pytest.param(PLAIN, "2025 ABC", "2025 ABC", 0, id="figures and letters are no keywords"),
        pytest.param(PLAIN, "農村", "农村", 0, id="other characters are other characters"),
        pytest.param(STOPPING, "项目", "项目", 0, id="stop words say nothing"),
        pytest.param(STOPPING, "书的画", "书画", 0, id="a stop word between two characters parts them"),
        pytest.param(STOPPING, "项目甲乙", "项目甲乙", 1, id="the longest stop word goes first"),
        pytest.param(PLAIN, "", "教师", 0, id="blank"),
    ],
)
def test_shared_keywords(reader: Keywords, one: str, other: str, count: int) -> None:
    assert shared(reader.read(one), [reader.read(other)]) == count


def test_counting_ends_where_more_says_nothing_more() -> None:
    text = PLAIN.read("农村中小学教师培训")
    assert shared(text, [text]) == ENOUGH


def test_any_of_the_other_texts_counts() -> None:
    assert shared(PLAIN.read("教师图书"), [PLAIN.read("教师"), PLAIN.read("图书")]) == 2


def test_only_the_beginning_of_a_text_is_read() -> None:
    """A text of any length costs what 2,000 characters cost."""
    assert len(PLAIN.read("教师" * 5_000)) == 2_000
