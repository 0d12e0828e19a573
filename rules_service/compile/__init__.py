"""Ruleset documents to immutable bundles, and bundles to views: overlays, dates, ceilings, strata, lint."""
