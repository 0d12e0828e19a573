"""From ruleset files to bundles and views: overlays, effective dates, ceilings, strata, lint."""
