"""Who may do what: a file ``name: [editor, approver, operator, reader]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar, without_mark
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE as READING
from rules_service.registry.faults import RegistryError
from rules_service.registry.machine import Role

__all__ = ["RoleFileError", "Roles"]


class RoleFileError(RegistryError):
    """A file of roles that cannot be read, or says something else."""


class Roles:
    """The roles of each actor; whom the file does not name has none."""

    def __init__(self, roles: Mapping[str, frozenset[Role]]) -> None:
        self._roles = dict(roles)

    @classmethod
    def read(cls, path: Path) -> Roles:
        """Read the file, strictly.  Raises ``RoleFileError``."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=error.strerror) from None
        found = Diagnostics(READING)
        node = read_yaml(path.name, content, found)
        if found.found:
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=str(found.found[0]))
        if not isinstance(node, dict):
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=path.name)
        return cls({name: _roles(path, name, value) for name, value in without_mark(node).items()})

    def of(self, actor: str) -> frozenset[Role]:
        """The roles of an actor."""
        return self._roles.get(actor, frozenset())


def _roles(path: Path, actor: str, value: object) -> frozenset[Role]:
    words = value if isinstance(value, list) else [value]
    roles = set()
    for word in words:
        source = word.source if isinstance(word, Scalar) else Source(path.name, 1, 1)
        try:
            roles.add(Role(str(word)))
        except ValueError:
            why = f"{source.file}:{source.line} {actor}: {str(word)[:40]}"
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=why) from None
    return frozenset(roles)
