"""The names of all log events: one place to look up what a line in the log means.

A log line is one JSON object with ``timestamp``, ``level`` and ``event``; the other fields are named beside
each event. No event carries a text, an amount or a computed value of a request; of a classified request only
rule ids and outcomes are written.
"""

from __future__ import annotations

__all__ = [
    "BUNDLE_LIVE",
    "BUNDLE_READY",
    "BUNDLE_REFUSED",
    "CALL",
    "CHECK_FAULT",
    "CONCLUDER_DISAGREES",
    "DRAINED",
    "DRAINING",
    "INTERNAL_ERROR",
    "LIBRARY",
    "PORT_REFUSED",
    "REGISTRY_AWAY",
    "REGISTRY_BACK",
    "REGISTRY_REFUSED",
    "SERVING",
    "SIGNATURES_UNCHECKED",
    "STARTED",
    "STOPPED_AT_ONCE",
    "WATCH_FAULT",
    "WORKER_RESTARTED",
]

STARTED = "started"
"""The ports are open: address, port, metrics_port (null when off), version."""

LIBRARY = "library"
"""A library warned: logger, template (its message without the arguments), error (its type)."""

PORT_REFUSED = "port_refused"
"""A port could not be opened, and the process ends: error."""

SERVING = "serving"
"""The health status changed: serving (true or false)."""

CALL = "call"
"""A call ended: method, code, ms; request_id, region, bundle, decision or level, digest, counts; for a
refused call reason, violations (their number) and codes; for a batch items and item_codes; of a classified
request rules (with outcomes) and nothing else."""

INTERNAL_ERROR = "internal_error"
"""Our own fault: reference (the id the caller was given), error (its type), frames (file:line function)."""

BUNDLE_LIVE = "bundle_live"
"""A bundle was taken over: source, bundle, version, hash, diagnostics (its warnings)."""

BUNDLE_REFUSED = "bundle_refused"
"""A source of rules was not taken over; the last good bundle goes on answering: source, diagnostics."""

BUNDLE_READY = "bundle_ready"
"""A version of the registry is in memory and could answer at once: bundle, version, hash."""

REGISTRY_AWAY = "registry_away"
"""The registry cannot be used, and the loaded versions go on answering: code, age (seconds since it was last
heard of; null if never)."""

REGISTRY_BACK = "registry_back"
"""The registry can be used again, or for the first time."""

REGISTRY_REFUSED = "registry_refused"
"""An entry of the registry's log, the registry or the state directory cannot be used: place, code, text."""

SIGNATURES_UNCHECKED = "signatures_unchecked"
"""A registry is followed without trusted keys: whoever can write to it decides what answers."""

WATCH_FAULT = "watch_fault"
"""A look for new rules failed by a fault of ours; the loaded ones go on answering: error, frames."""

WORKER_RESTARTED = "worker_restarted"
"""The conclusion worker was started anew: why."""

CONCLUDER_DISAGREES = "concluder_disagrees"
"""The two engines differed over a question; its answer is ERROR and goes to a person."""

CHECK_FAULT = "check_fault"
"""An error of ours inside a check, whose finding is ERROR: rule, error (its type), frames."""

DRAINING = "draining"
"""A signal asked the service to end: signal, grace (seconds)."""

DRAINED = "drained"
"""No call runs any more: clean (true or false), cut_off (calls that the grace was too short for)."""

STOPPED_AT_ONCE = "stopped_at_once"
"""A second signal cut the draining short: signal."""
