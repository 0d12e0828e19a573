"""Vague wording: a term counts in a clause without a number; the whitelist; places in UTF-16 units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rules_service.facts.text import normalise, utf16_length
from rules_service.facts.vague import VagueList
from tests.facts.casefiles import WORDLISTS, params

_YAML = YAML(typ="safe")
TERMS = _YAML.load(WORDLISTS / "vague_terms.yaml")["terms"]
WHITELIST = _YAML.load(WORDLISTS / "vague_whitelist.yaml")["phrases"]
LIST = VagueList(TERMS, WHITELIST)


@pytest.mark.parametrize("case", params("text/vague.csv"))
def test_reading(case):
    read = LIST.read(case["text"])
    assert case["terms"] == " ".join(hit.term for hit in read.hits)
    assert (case["clauses"], case["vague"]) == (str(read.clauses), str(read.vague))


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row["term"])
def test_every_term_is_found(row):
    for following in row["followed_by"] or [""]:
        (hit,) = LIST.read(f"😀{row['term']}{following}").hits
        assert (row["term"], 2, 2 + len(row["term"])) == (hit.term, hit.start, hit.end)


@pytest.mark.parametrize(
    "row", [row for row in WHITELIST if row["kind"] == "phrase"], ids=lambda row: row["phrase"]
)
def test_every_phrase_is_white(row):
    assert LIST.read(row["phrase"]).vague == 0


def test_the_clause_is_quoted_as_written():
    (hit,) = LIST.read("完成５个；  人居环境 全面提升，\n验收").hits
    assert hit.clause == "人居环境 全面提升"


@given(st.text(alphabet="显著持续改善基本完成，。1２\u200b😀\n ３个", max_size=30))
def test_a_hit_stands_where_it_says(text):
    read = LIST.read(text)
    assert read.vague <= read.clauses
    units = text.encode("utf-16-le")
    for hit in read.hits:
        assert 0 <= hit.start < hit.end <= utf16_length(text)
        assert hit.term == normalise(units[2 * hit.start : 2 * hit.end].decode("utf-16-le"))
        assert hit.clause in text


def test_empty_lists_find_nothing():
    assert VagueList([], []).read("显著改善").hits == ()
