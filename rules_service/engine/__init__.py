"""Snapshot + facts → findings → conclusions → explanation, pure but for the concluder that it is given."""
