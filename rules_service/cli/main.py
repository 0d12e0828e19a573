"""The group of all verbs. A verb's module is imported when the verb is used, so that `--help` is quick."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from rules_service import __version__
from rules_service.cli.words import Words, default_language

__all__ = ["LazyGroup", "main"]

_VERBS = ("serve", "review", "assess", "rules", "library", "demo")


class LazyGroup(click.Group):
    """A group whose commands live one in a module: ``verbs`` maps each to ``module`` with a ``command``.

    The list of verbs takes their texts from the catalogue under ``help``, without importing them.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, str], prefix: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verbs = verbs
        self._prefix = prefix

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the verbs, each with one line."""
        words = Words(default_language())
        with formatter.section("Commands"):
            formatter.write_dl([(verb, words(f"help.{self._prefix}{verb}")) for verb in self._verbs])

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs in their order."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Import the verb."""
        module = self._verbs.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(module).command
        return command


@click.group(
    cls=LazyGroup,
    verbs={verb: f"rules_service.cli.{verb}" for verb in _VERBS},
    context_settings={"help_option_names": ["-h", "--help"]},
    help=Words(default_language())("help.main"),
)
@click.version_option(__version__, prog_name="rules-service")
def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # Chinese goes out as UTF-8 whatever the locale, and what a terminal cannot show is escaped.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
