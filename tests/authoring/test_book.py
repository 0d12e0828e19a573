"""The rulebook of the small ruleset, word by word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rules_service.authoring.book import rulebook
from rules_service.authoring.markdown import markdown
from rules_service.compile.bundle import Bundle, compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.values.dates import parse_date

BASE = Path(__file__).resolve().parent.parent / "testdata" / "compile" / "base"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The small ruleset, compiled."""
    return compile_bundle(read_ruleset(BASE))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rulebook_of_a_city(bundle: Bundle, language: str, golden: Callable[[str, str], None]) -> None:
    """It says every rule, parameter and conclusion in words, and what carries each sentence of the city."""
    day = parse_date("2024-01-01")
    page = rulebook(bundle, bundle.view("市乙", day), day, language)
    golden(f"authoring/book.{language}.md", markdown(page).replace(bundle.hash, "…"))


def test_rulebooks_of_one_version_are_equal(bundle: Bundle) -> None:
    """The same place, day and version give the same text."""
    day = parse_date("2024-01-01")
    other = compile_bundle(read_ruleset(BASE))
    texts = [markdown(rulebook(one, one.view("市乙", day), day, "zh")) for one in (bundle, other)]
    assert texts[0] == texts[1]
