"""Options that several verbs share, and what surrounds each verb: problems become texts and exit codes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.words import LANGUAGES, Language, Words, default_language

__all__ = [
    "file_arguments",
    "format_option",
    "helped",
    "place_options",
    "rulesets_option",
    "sources",
    "verb",
]

helped = Words(default_language())

_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


def verb(name: str) -> Callable[[Callable[..., Exit | None]], click.Command]:
    """A command with ``--lang``; its function gets ``words`` and returns an exit code (``None`` is OK)."""

    def wrap(function: Callable[..., Exit | None]) -> click.Command:
        @click.option(
            "--lang", type=click.Choice(LANGUAGES), default=default_language(), help=helped("help.lang")
        )
        @functools.wraps(function)
        def run(lang: Language, **options: Any) -> None:
            words = Words(lang)
            try:
                code = function(words=words, **options)
            except Problem as problem:
                click.echo(words(problem.key, **problem.values), err=True)
                sys.exit(problem.code)
            sys.exit(code or Exit.OK)

        key = name.replace(" ", "_")
        return click.command(name.rpartition(" ")[2], help=helped(f"help.{key}"))(run)

    return wrap


def rulesets_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--rulesets``, repeatable."""
    return click.option(
        "--rulesets", type=_DIRECTORY, multiple=True, help=helped("help.rulesets"), envvar="RULES_RULESETS"
    )(function)


def sources(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--rulesets`` and ``--bundles``: where the rules come from."""
    bundles = click.option("--bundles", type=_DIRECTORY, help=helped("help.bundles"), envvar="RULES_BUNDLES")
    return rulesets_option(bundles(function))


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--region`` and ``--date``: whose rules, and when in force."""
    region = click.option("--region", default="", help=helped("help.region"))
    return region(click.option("--date", help=helped("help.date"))(function))


def format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--format text|json``."""
    return click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", help=helped("help.format")
    )(function)


def file_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """``FILE…``; ``-`` is standard input."""
    return click.argument(
        "files",
        nargs=-1,
        required=True,
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=str),
    )(function)
