"""`rules-service assess FILE…`: answer requests here, without a service; `--replay` answers records anew."""

from __future__ import annotations

from typing import Any

import click

from rules_service.cli.answering import ASSESS, answer_files, replay_files
from rules_service.cli.exits import Exit
from rules_service.cli.options import file_arguments, format_option, helped, sources, verb
from rules_service.cli.words import Words

__all__ = ["command"]


@verb("assess")
@file_arguments
@click.option("--replay", is_flag=True, help=helped("help.replay"))
@sources
@format_option
def command(words: Words, files: tuple[str, ...], *, replay: bool, **options: Any) -> Exit:
    """Answer the files' requests."""
    return (replay_files if replay else answer_files)(ASSESS, files, words=words, **options)
