"""Exit codes of the command line, and the exceptions that lead to them (docs/cli.md explains each)."""

from __future__ import annotations

from enum import IntEnum

from rules_service.server.run import EXIT_CUT_SHORT, EXIT_PORT

__all__ = ["Exit", "Problem"]


class Exit(IntEnum):
    """How a command ended. With several projects the worst counts: INVALID, FAILING, MANUAL, OK."""

    OK = 0
    """Everything approved, exempt, without alert, the same, or in order."""
    FAILING = 1
    """Findings fail: a project is not to be approved as it stands, or a report raises an alert; a rule test
    fails, a file is not formatted."""
    USAGE = 2
    """The command line itself is wrong."""
    MANUAL = 3
    """Nothing fails, but the rules could not say everything: a person must decide."""
    INVALID = 4
    """A file cannot be read, is not a request, or the request is not valid."""
    RULESET = 5
    """The rulesets or bundles have errors, or what was asked for is not in them."""
    DIFFERENT = 6
    """A replay gives another digest than the record holds."""
    SERVICE = EXIT_PORT
    """The service could not start, be reached, or answer."""
    CUT_SHORT = EXIT_CUT_SHORT
    """The service ended before all running calls were answered."""
    REFUSED = 9
    """A step of publishing was refused, or somebody else wrote meanwhile; nothing was changed."""


class Problem(Exception):  # noqa: N818 - a problem of the user's, told without a traceback
    """Ends a command with a text of the catalogue and an exit code."""

    def __init__(self, code: Exit, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.code = code
        self.key = key
        self.values = values
