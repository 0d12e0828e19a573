"""`rules-service rules build`: rulesets to one bundle file; the same files always give the same bytes.

With `--sign` its signature is written beside it first, so that no server sees the bundle without.
"""

from __future__ import annotations

from pathlib import Path

import click

from rules_service.cli.diagnosing import compiled, tell
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.loading import roots
from rules_service.cli.options import helped, rulesets_option, verb
from rules_service.cli.words import Words
from rules_service.registry.faults import KeyFileError
from rules_service.registry.signing import SIGNATURE_SUFFIX, SigningKey
from rules_service.server.files import write_at_once

__all__ = ["command"]


@verb("rules build")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help=helped("help.out")
)
@click.option("--sign", type=click.Path(dir_okay=False, path_type=Path), help=helped("help.sign"))
@rulesets_option
def command(words: Words, out: Path, sign: Path | None, rulesets: tuple[Path, ...]) -> Exit:
    """Build the bundle."""
    bundle = compiled(roots(rulesets), words)
    tell(bundle.warnings, words)
    try:
        if sign is not None:
            signature = SigningKey.read(sign).sign_bundle(bundle.hash)
            write_at_once(out.with_name(out.name + SIGNATURE_SUFFIX), signature.line().encode())
        write_at_once(out, bundle.dump())
    except KeyFileError as error:
        raise Problem(Exit.INVALID, "desk.refused_key", text=error.text(words.language)) from None
    except OSError as error:
        raise Problem(Exit.INVALID, "input.unwritable", place=out, why=error.strerror) from None
    click.echo(words("rules.built", path=out, bundle=bundle.id, version=bundle.version, hash=bundle.hash))
    return Exit.OK
