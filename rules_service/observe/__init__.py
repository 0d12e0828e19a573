"""The names of all metrics and log events, and how a log line is written; no business logic."""
