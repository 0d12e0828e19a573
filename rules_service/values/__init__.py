"""Exact numbers, kinds, dates, outcomes and missing values: what every other package speaks in."""
