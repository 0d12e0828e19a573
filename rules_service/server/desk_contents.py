"""Rules that a request of the policy desk holds: their files, held to what a bundle may hold."""

from __future__ import annotations

from rules_service.authoring.desk import head_of
from rules_service.compile.archive import MANIFEST, BundleFormatError, pack, unpack
from rules_service.compile.sources import MAX_FILES
from rules_service.compile.texts import CATALOGUE
from rules_service.model.diagnostics import Source
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.server.desk_refusals import faulty_content, invalid
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.words import Language, text

__all__ = ["drafted_files", "files_of"]


def files_of(field: str, content: pb.RulesetContent, language: Language) -> dict[str, bytes]:
    """The files of a bundle file, or those that are sent one by one.  Raises ``Refusal``."""
    return _files(field, content, language)[2]


def drafted_files(field: str, content: pb.RulesetContent, language: Language) -> dict[str, bytes]:
    """As ``files_of``; what a bundle file says of itself is what its ruleset.yaml says.

    Raises also ``RefusedError`` for rules that don't say what they are.
    """
    name, label, files = _files(field, content, language)
    if content.WhichOneof("content") == "archive" and head_of(files) != (name, label):
        raise _altered(field, BundleFormatError("BUNDLE-HEAD", id=name, version=label), language)
    return files


def _files(field: str, content: pb.RulesetContent, language: Language) -> tuple[str, str, dict[str, bytes]]:
    kind = content.WhichOneof("content")
    if kind is None or kind == "version":
        raise _fault(field, "CONTENT_MISSING" if kind is None else "CONTENT_STORED", language)
    archive = content.archive if kind == "archive" else _packed(field, content.files, language)
    try:
        name, label, _, files = unpack(archive)
    except BundleFormatError as error:
        raise _altered(field, error, language) from error
    if len(files) > MAX_FILES:
        raise _fault(field, "FILES_TOO_MANY", language, count=len(files), limit=MAX_FILES)
    return name, label, files


def _packed(field: str, given: pb.RulesetFiles, language: Language) -> bytes:
    """Files as a bundle file, so that their paths are judged in one place only."""
    files: dict[str, bytes] = {}
    for position, file in enumerate(given.files):
        if file.path in files or file.path == MANIFEST:
            place = f"{field}.files.files[{position}].path"
            raise _fault(place, "FILE_TWICE", language, path=file.path[:100])
        files[file.path] = file.content
    return pack("", "", files)


def _altered(field: str, error: BundleFormatError, language: Language) -> Refusal:
    found = CATALOGUE.diagnostic(error.code, Source("", 1, 1), **error.values)
    return faulty_content(field, [found], language)


def _fault(field: str, code: str, language: Language, **values: object) -> Refusal:
    return invalid([FieldError(field, code, text(code, language, **values))], language)
