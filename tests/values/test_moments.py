"""Moments as people write them."""

from __future__ import annotations

import pytest

from rules_service.values.moments import parse_moment


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2027-01-01", "2026-12-31T16:00:00+00:00"),
        ("2027-01-01T08:30", "2027-01-01T00:30:00+00:00"),
        ("2027-01-01T08:30:00+00:00", "2027-01-01T08:30:00+00:00"),
        ("2027-01-01T08:30:00Z", "2027-01-01T08:30:00+00:00"),
    ],
)
def test_what_is_meant(text, found):
    assert parse_moment(text).isoformat() == found


@pytest.mark.parametrize(
    "text", ["", "soon", "2027-13-01", "0001-01-01", "9999-12-31T23:59:59-12:00", "2027"]
)
def test_what_is_no_moment(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_moment(text)
