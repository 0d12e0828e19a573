"""`rules-service rules keys new`: make a pair of keys, the private half for its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.options import helped, verb
from rules_service.cli.words import Words
from rules_service.registry.signing import SigningKey

__all__ = ["command"]


@verb("rules keys new")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help=helped("help.key_out")
)
def command(words: Words, out: Path) -> None:
    """Write OUT.key and OUT.pem; files that are there stay as they are."""
    key = SigningKey.new()
    private, public = out.with_name(f"{out.name}.key"), out.with_name(f"{out.name}.pem")
    for path, content, mode in ((private, key.private_pem(), 0o600), (public, key.public_pem(), 0o644)):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        except OSError as error:
            raise Problem(Exit.INVALID, "input.unwritable", place=path, why=error.strerror) from None
    click.echo(words("desk.key", private=private, public=public, id=key.id))
