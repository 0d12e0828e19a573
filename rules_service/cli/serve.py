"""`rules-service serve`: run the gRPC service until a signal ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.options import helped, sources, verb
from rules_service.cli.words import Words
from rules_service.registry.address import Address
from rules_service.registry.faults import RegistryError, StoreError
from rules_service.registry.signing import TrustedKeys
from rules_service.server import Settings, serve
from rules_service.server.following import feed_settings, follows
from rules_service.server.places import default_rulesets

__all__ = ["command"]


@verb("serve")
@click.option("--host", help=helped("help.host"))
@click.option("--port", type=click.IntRange(0, 65535), help=helped("help.port"))
@click.option("--port-file", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.port_file"))
@click.option("--metrics-port", type=click.IntRange(0, 65535), help=helped("help.metrics_port"))
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help=helped("help.log_level")
)
@click.option("--registry", help=helped("help.registry"))
@click.option("--trusted-keys", type=click.Path(path_type=Path), help=helped("help.trusted"))
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), help=helped("help.state"))
@sources
def command(words: Words, **options: Any) -> Exit:
    """Serve; options win over the environment."""
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Problem(Exit.USAGE, "serve.setting", name=name, why=first["msg"]) from None
    _check_source(settings, options["registry"], words)
    if not settings.rulesets and settings.bundles is None and not follows(settings):
        found = default_rulesets()
        if found is None:
            raise Problem(Exit.RULESET, "rules.none")
        settings = settings.model_copy(update={"rulesets": (found,)})
    return Exit(serve(settings))


def _check_source(settings: Settings, option: str | None, words: Words) -> None:
    """Tell at once what no waiting would cure: keys, addresses, and two sources of rules."""
    if follows(settings) and (settings.rulesets or settings.bundles is not None):
        raise Problem(Exit.USAGE, "serve.one_source")
    try:
        if option is not None and Address(option).has_password:
            raise StoreError("STORE-ADDRESS-PASSWORD")
        feed_settings(settings)
        if settings.trusted_keys is not None:
            TrustedKeys.read(settings.trusted_keys)
    except RegistryError as error:
        raise Problem(Exit.USAGE, "serve.setting", name=error.code, why=error.text(words.language)) from None
