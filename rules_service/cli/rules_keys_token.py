"""`rules-service rules keys token`: make a token for a caller of the service, shown once, and its hash."""

from __future__ import annotations

import click

from rules_service.cli.options import verb
from rules_service.cli.words import Words
from rules_service.registry.roles import new_token, token_hash

__all__ = ["command"]


@verb("rules keys token")
def command(words: Words) -> None:
    """The token goes to standard output alone, so that it can be piped to where it is kept."""
    token = new_token()
    click.echo(token)
    click.echo(words("desk.token", hash=token_hash(token)), err=True)
