"""Polarity: the longest term counts, disagreement and negation stay unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.facts.polarity import PolarityDictionary, PolarityRowError
from rules_service.values.numbers import display_ratio
from tests.facts.casefiles import params, wordlist

DICTIONARY = PolarityDictionary(wordlist("polarity.csv"))
ROW = {"term": "合格率", "where": "name", "polarity": "POSITIVE", "natural_max": "100"}


@pytest.mark.parametrize("case", params("text/polarity.csv"))
def test_lookup(case):
    assert case["polarity"] == DICTIONARY.lookup(case["name"], case["lv2"])
    limit = DICTIONARY.natural_max(case["name"], case["lv2"])
    assert case["natural_max"] == (display_ratio(limit, factor=100, digits=0) if limit else "")


@pytest.mark.parametrize("row", wordlist("polarity.csv"), ids=lambda row: row["term"])
def test_every_entry_means_what_it_says(row):
    """A term alone gives its own polarity, whatever shorter terms it holds."""
    expected = "" if row["polarity"] == "UNKNOWN" else row["polarity"]
    name, lv2 = (row["term"], "") if row["where"] == "name" else ("", row["term"])
    assert expected == DICTIONARY.lookup(name, lv2)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"polarity": "GOOD"}, "polarity"),
        ({"natural_max": "1.5"}, "natural_max"),
        ({"term": ""}, "term"),
        ({"where": "x"}, "where"),
    ],
)
def test_a_bad_row_is_refused(change, column):
    with pytest.raises(PolarityRowError, match=column):
        PolarityDictionary([ROW | change])


def test_a_term_stands_once():
    with pytest.raises(PolarityRowError, match="term"):
        PolarityDictionary([ROW, ROW])


def test_an_empty_dictionary_knows_nothing():
    assert PolarityDictionary([]).lookup("合格率", "满意度") == ""


@given(st.text(max_size=30), st.text(max_size=10))
def test_never_raises(name, lv2):
    assert DICTIONARY.lookup(name, lv2) in {"", "POSITIVE", "NEGATIVE", "NEUTRAL"}
