"""Nodes to documents: every validation error becomes a diagnostic with the author's line and column."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rules_service.model.diagnostics import DiagnosticCatalogue, Diagnostics, Source
from rules_service.model.fields import Document
from rules_service.model.nodes import MARK, Marks, Node, source_of, without_mark

__all__ = ["CATALOGUE", "read_document", "read_documents"]

CATALOGUE = DiagnosticCatalogue.load(Path(__file__).with_name("diagnostics.yaml"))

D = TypeVar("D", bound=Document)

# What follows the number of an entry in the path of an error.
_ENTRY = ((), ("name",), ("value",))

# Errors of the validation library, as our codes; others are shown as they are.
_CODES = {
    "is_instance_of": "DOC-NOT-TEXT",
    "model_type": "DOC-NOT-MAPPING",
    "model_attributes_type": "DOC-NOT-MAPPING",
    "tuple_type": "DOC-NOT-LIST",
}


def read_document(kind: type[D], node: Node, path: str, diagnostics: Diagnostics) -> D | None:
    """The document in a node, or ``None`` after its faults have gone to ``diagnostics``."""
    try:
        return kind.model_validate(node)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _report(details, node, kind, Source(path, 1, 1), diagnostics)
        return None


def read_documents(kind: type[D], node: Node, path: str, diagnostics: Diagnostics) -> list[D]:
    """The documents in a list node; a faulty one does not spoil the others."""
    if not isinstance(node, list):
        diagnostics.add("DOC-NOT-LIST", source_of(node, Source(path, 1, 1)))
        return []
    found = (read_document(kind, item, path, diagnostics) for item in node)
    return [document for document in found if document is not None]


def _report(
    details: ErrorDetails, node: Node, kind: type[Document], start: Source, diagnostics: Diagnostics
) -> None:
    place, holder = _walk(node, details["loc"], start)
    values: dict[str, Any] = dict(details.get("ctx", {}))
    code = details["type"]
    last = str(details["loc"][-1]) if details["loc"] else ""
    if code == "missing":
        code, values = "DOC-MISSING-KEY", {"key": last}
    elif code == "extra_forbidden":
        code, values = "DOC-UNKNOWN-KEY", {"key": last, "near": _near(last, kind)}
        place = holder.key(last) if holder is not None else place
    elif code in {"too_short", "too_long"}:
        minimum, maximum = values.get("min_length", 0), values.get("max_length", "…")
        code, values = "DOC-LENGTH", {"minimum": minimum, "maximum": maximum}
    elif code == "literal_error":
        code, values = "DOC-NOT-ONE-OF", {"text": details["input"], "allowed": values.get("expected", "")}
    elif code in _CODES:
        code = _CODES[code]
    elif code not in CATALOGUE.codes():
        code, values = "DOC-INVALID", {"problem": details["msg"]}
    if code.startswith("DOC-") and diagnostics.any_at(place):
        return  # e.g. an empty value, already reported when the file was read
    diagnostics.add(code, place, **values)


def _walk(node: Node, steps: Sequence[int | str], start: Source) -> tuple[Source, Marks | None]:
    """The place that an error's path leads to, and the marks of the last mapping on the way."""
    place = source_of(node, start)
    marks: Marks | None = None
    for position, step in enumerate(steps):
        if isinstance(node, dict):
            marks = node[MARK] if isinstance(node.get(MARK), Marks) else None
            if isinstance(step, int):  # a mapping with free keys was read as a list of entries
                if steps[position + 1 : position + 2] not in _ENTRY:
                    continue  # or a single mapping as a list of one
                key = list(without_mark(node))[step]
            elif step in node:
                key = step
            else:
                continue  # a missing key, or the entry's own "value"
            node = node[key]
            place = source_of(node, marks.value(key) if marks is not None else place)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
            place = source_of(node, place)
    return place, marks


def _near(key: str, kind: type[Document]) -> str:
    names: set[str] = set()
    waiting: list[type[Document]] = [kind, *Document.__subclasses__()]
    for document in waiting:
        names.update(document.model_fields)
    names.discard("mark")
    found = difflib.get_close_matches(key, sorted(names), n=1)
    return found[0] if found else "–"
