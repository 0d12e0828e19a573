"""Measures the service: `python -m bench` writes `build/bench.json` and prints a table."""
