"""What the verbs of publishing share: the registry, who acts, with which keys, and how faults end."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from rules_service.authoring.desk import Desk
from rules_service.cli.desk_telling import tell_fault
from rules_service.cli.exits import Exit, Problem
from rules_service.cli.options import format_option, helped, verb
from rules_service.cli.words import Words
from rules_service.registry.address import Address
from rules_service.registry.faults import RefusedError, RegistryError, StoreAwayError, StoreError
from rules_service.registry.machine import CONFIRMABLE, Guards
from rules_service.registry.roles import Roles
from rules_service.registry.signing import SigningKey, TrustedKeys
from rules_service.registry.store import Store
from rules_service.values.moments import parse_moment

__all__ = ["Seat", "confirm_option", "desk_verb", "key_option", "moment", "note_option", "signing_key"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Seat:
    """A desk and who sits at it."""

    desk: Desk
    store: Store
    trusted: TrustedKeys | None
    actor: str
    words: Words
    form: str


def desk_verb(name: str, *, acting: bool = True) -> Callable[[Callable[..., Exit | None]], click.Command]:
    """A verb of publishing: its function gets ``seat``; faults of the registry become texts and exit codes.

    A verb that only looks (not ``acting``) needs no actor and makes no tables.
    """

    def wrap(function: Callable[..., Exit | None]) -> click.Command:
        @functools.wraps(function)
        def run(words: Words, form: str, **options: Any) -> Exit:
            try:
                with _seat(words, form, options, acting=acting) as seat:
                    return function(seat=seat, **options) or Exit.OK
            except RegistryError as error:
                tell_fault(error.diagnostic, words, form)
                return _exit(error)

        options = [
            click.option("--registry", help=helped("help.registry")),
            click.option(
                "--trusted-keys", type=_PATH, envvar="RULES_TRUSTED_KEYS", help=helped("help.trusted")
            ),
            click.option("--roles", type=_FILE, envvar="RULES_ROLES", help=helped("help.roles")),
            click.option("--actor", envvar="RULES_ACTOR", help=helped("help.actor")),
            format_option,
        ]
        decorated: Any = run
        for option in options if acting else [*options[:2], format_option]:
            decorated = option(decorated)
        return verb(name)(decorated)

    return wrap


def key_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--key``."""
    return click.option("--key", type=_FILE, envvar="RULES_SIGNING_KEY_FILE", help=helped("help.key"))(
        function
    )


def note_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--note``."""
    return click.option("--note", default="", help=helped("help.note"))(function)


def confirm_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--confirm CODE REASON``, repeatable; gives a mapping."""

    def read(_context: click.Context, _option: click.Parameter, given: Any) -> Mapping[str, str]:
        for _, reason in given:
            if not reason.strip():
                raise click.BadParameter(helped("desk.no_reason"))
        return dict(given)

    return click.option(
        "--confirm",
        "confirmed",
        type=(click.Choice(sorted(CONFIRMABLE)), str),
        multiple=True,
        callback=read,
        help=helped("help.confirm"),
    )(function)


def signing_key(path: Path | None) -> SigningKey | None:
    """The key of a file, or of the environment; ``None`` if neither was given."""
    if path is not None:
        return SigningKey.read(path)
    text = os.environ.get("RULES_SIGNING_KEY")
    return SigningKey.of_pem(text.encode(), "RULES_SIGNING_KEY") if text else None


def moment(text: str | None) -> datetime | None:
    """A day (its first moment in China) or a time with or without an offset.  Raises ``Problem``."""
    if text is None:
        return None
    try:
        return parse_moment(text)
    except ValueError:
        raise Problem(Exit.USAGE, "desk.no_time", text=text[:40]) from None


@contextlib.contextmanager
def _seat(words: Words, form: str, options: dict[str, Any], *, acting: bool) -> Iterator[Seat]:
    address = _address(options.pop("registry"))
    keys = options.pop("trusted_keys")
    trusted = TrustedKeys.read(keys) if keys is not None else None
    actor, roles = "", Roles({})
    if acting:
        actor, file = options.pop("actor"), options.pop("roles")
        if not actor:
            raise RefusedError("ACTOR-UNSET")
        roles = Roles.read(file) if file is not None else roles
    with Store(address, create=acting) as store:
        desk = Desk(store, roles, trusted=trusted, guards=_guards())
        yield Seat(desk, store, trusted, actor, words, form)


def _address(option: str | None) -> Address:
    if option is not None:
        address = Address(option)
        if address.has_password:
            raise StoreError("STORE-ADDRESS-PASSWORD")
        return address
    if text := os.environ.get("RULES_REGISTRY"):
        return Address(text)
    if file := os.environ.get("RULES_REGISTRY_FILE"):
        return Address.read(Path(file))
    raise StoreError("STORE-UNSET")


def _guards() -> Guards:
    text = os.environ.get("RULES_IMPACT_LIMIT")
    if text is None:
        return Guards()
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 1:
        raise Problem(Exit.USAGE, "desk.no_share", name="RULES_IMPACT_LIMIT", text=text[:40])
    return Guards(newly_failing_share=share)


def _exit(error: RegistryError) -> Exit:
    if isinstance(error, StoreAwayError):
        return Exit.SERVICE
    return Exit.RULESET if isinstance(error, StoreError) else Exit.REFUSED
