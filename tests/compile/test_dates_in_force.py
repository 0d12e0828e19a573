"""Shipped rules hold from the documents on which they rest, not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules_service.compile.bundle import Bundle, compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.values.dates import parse_date

RULESETS = Path(__file__).parents[2] / "rulesets"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return compile_bundle(read_ruleset(RULESETS))


@pytest.mark.parametrize(
    ("rule", "before", "since"),
    [
        ("CMP-04", "2021-08-17", "2021-08-18"),
        ("CMP-06", "2021-08-17", "2021-08-18"),
        ("CMP-07", "2021-08-17", "2021-08-18"),
        ("CMP-10", "2021-08-17", "2021-08-18"),
        ("CMP-12", "2021-08-17", "2021-08-18"),
        ("GATE-04", "2018-09-29", "2018-09-30"),
        ("GATE-05", "2018-09-29", "2018-09-30"),
        ("GATE-06", "2018-09-29", "2018-09-30"),
        ("GATE-10", "2018-09-29", "2018-09-30"),
        ("GATE-11", "2018-09-29", "2018-09-30"),
        ("STD-05", "2016-06-30", "2016-07-01"),
        ("STD-06", "2016-06-30", "2016-07-01"),
        ("STD-07", "2016-06-30", "2016-07-01"),
        ("STD-08", "2016-06-30", "2016-07-01"),
        ("CBM-10", "2020-12-30", "2020-12-31"),
        ("APP-04", "2021-08-17", "2021-08-18"),
        ("REL-04", "2021-08-17", "2021-08-18"),
        ("CBM-04", "2022-05-24", "2022-05-25"),
        ("REL-05", "2022-08-02", "2022-08-03"),
        ("QNT-04", "2020-02-28", "2020-02-29"),
        ("QNT-08", "2021-08-17", "2021-08-18"),
        ("QNT-12", "2021-08-17", "2021-08-18"),
        ("MON-01", "2019-07-30", "2019-07-31"),
        ("MON-02", "2019-07-30", "2019-07-31"),
        ("MON-10", "2019-07-30", "2019-07-31"),
    ],
)
def test_a_rule_begins_with_its_document(bundle: Bundle, rule: str, before: str, since: str) -> None:
    """The day before its document the rule is not among the checks; on the day itself it is."""
    present = [
        rule in {check.id for check in bundle.view("全国", parse_date(day)).checks} for day in (before, since)
    ]
    assert present == [False, True]


def test_the_ruleset_begins_after_its_first_document(bundle: Bundle) -> None:
    """财预〔2015〕88号 is of May 2015: the first fiscal year after it is the first that is answered."""
    assert [bundle.covers(parse_date(day)) for day in ("2015-12-31", "2016-01-01")] == [False, True]
