"""Ruleset documents and their strict reading, and the fact catalogue."""
