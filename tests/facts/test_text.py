"""The working copy: what NFKC and folding do, what is protected, and the way back to the raw text."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules_service.facts.text import (
    _CLEAN,
    _IGNORED,
    _NARROW,
    clean_copy,
    normalise,
    utf16_length,
    utf16_slice,
    working_copy,
)
from tests.facts.casefiles import params

# Texts rich in what matters: combining marks, jamo, format characters, widths, white space.
NASTY = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            "aHeT１％，　 \n\t\u200b\u202e\ufeff\u0301\u0331\u0308\u1100\u1161\u11a8²①㎡½¨ﷺ😀\u3099か"
        ),
    ),
    max_size=30,
)


@pytest.mark.parametrize("case", params("text/normalise.csv"))
def test_normalise(case):
    assert case["copy"] == normalise(case["raw"])


@pytest.mark.parametrize("case", params("text/offsets.csv"))
def test_offsets(case):
    copy = working_copy(case["raw"])
    assert case["copy"] == copy.text
    assert (int(case["raw_start"]), int(case["raw_end"])) == copy.span(int(case["start"]), int(case["end"]))


@given(NASTY)
@example("e\u200d\u0301")
@example("H\u0331")
@example("a" + "\u0315\u0300" * 40)
def test_normalising_twice_changes_nothing(raw):
    once = normalise(raw)
    assert once == normalise(once)


@given(NASTY)
def test_both_functions_give_the_same_copy(raw):
    assert normalise(raw) == working_copy(raw).text


@given(NASTY)
def test_offsets_never_fall_and_stay_within_the_raw_text(raw):
    copy = working_copy(raw)
    assert len(copy.text) == len(copy.starts) == len(copy.ends)
    pairs = copy.offsets
    assert all(0 <= start < end <= utf16_length(raw) for start, end in pairs)
    assert list(copy.starts) == sorted(copy.starts)
    assert list(copy.ends) == sorted(copy.ends)


@given(st.text(alphabet="ab１２，。%㎡\u200b 😀é", max_size=30))
def test_a_span_holds_what_its_characters_came_from(raw):
    copy = working_copy(raw)
    units = raw.encode("utf-16-le")
    for at, char in enumerate(copy.text):
        start, end = copy.span(at, at + 1)
        assert char in normalise(units[2 * start : 2 * end].decode("utf-16-le")) or char == " "


def test_the_clean_copy_keeps_the_case():
    assert clean_copy("５ＭＷ").text == "5MW"
    assert working_copy("５ＭＷ").text == "5mw"


def test_ignored_characters_are_the_control_and_format_characters_of_unicode():
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        category = unicodedata.category(char)
        if category in {"Cc", "Cf"}:
            assert bool(_IGNORED.match(char)) != char.isspace(), hex(code)
        elif _IGNORED.match(char):
            # Variation selectors, and format characters of a newer Unicode.
            assert category == "Cn" or "VARIATION SELECTOR" in unicodedata.name(char), hex(code)


def test_simple_characters_change_as_nfkc_says():
    for code in range(0x10000):
        char = chr(code)
        if _CLEAN.fullmatch(char):
            assert unicodedata.normalize("NFKC", char) == char.translate(_NARROW), hex(code)


@pytest.mark.parametrize(
    ("piece", "length"),
    [("\u0315\u0300", 30), ("\u1100", 20_001), ("ﷺ", 360_001), ("\u200b ", 1), ("😀", 20_001)],
)
def test_a_long_text_is_no_burden(piece, length):
    """NFKC alone would sort 40,000 combining marks for seconds; what goes beyond 30 is left out."""
    assert length == len(normalise("a" + piece * 20_000))


@pytest.mark.parametrize(
    ("text", "start", "end", "part"),
    [("培训500人", 2, 6, "500人"), ("😀培训500人", 4, 8, "500人"), ("a😀b", 3, 4, "b"), ("abc", 1, 9, "bc"),
     ("", 0, 3, "")],
)  # fmt: skip
def test_a_part_between_two_positions_of_java(text, start, end, part):
    assert part == utf16_slice(text, start, end)
