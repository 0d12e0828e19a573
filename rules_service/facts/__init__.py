"""From a request to facts: normalised text, quantities in Chinese, units, aggregates, schedules; all pure."""
