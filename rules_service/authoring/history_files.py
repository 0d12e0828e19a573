"""Histories: files of requests and records, read line by line; what cannot be read is told, and nothing lost.

A history is any number of files and folders. ``.json`` holds one request or a list of them, ``.jsonl`` and
``.ndjson`` one a line. ``.csv`` and ``.parquet`` have a column ``request`` (请求) with a request or record as
JSON text, and may have ``department`` (主管部门) and ``amount_fen`` (金额分), which then count instead of the
request's own.
"""

from __future__ import annotations

import csv
import importlib.util
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from rules_service.authoring.request_text import ExtraDataError, RequestTextError, spans

__all__ = ["MAX_JSON_BYTES", "MAX_LINE_BYTES", "SUFFIXES", "Line", "Refused", "history_lines"]

SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv", ".parquet")
MAX_JSON_BYTES: Final = 64 * 1024 * 1024
MAX_LINE_BYTES: Final = 16 * 1024 * 1024
_COLUMNS: Final = {
    "request": "request",
    "请求": "request",
    "department": "department",
    "主管部门": "department",
    "amount_fen": "amount_fen",
    "金额分": "amount_fen",
}
_PARQUET_ROWS: Final = 2_000  # read at a time
_MEBIBYTE: Final = 1024 * 1024


class Line(NamedTuple):
    """One request or record as text, where it stands, and what a table says beside it."""

    place: str
    text: str
    department: str = ""
    amount_fen: int | None = None


class Refused(NamedTuple):
    """What could not be answered, where, and why: a text of the catalogue and its values."""

    place: str
    key: str
    values: dict[str, str]


def history_lines(paths: Iterable[Path]) -> Iterator[Line | Refused]:
    """The lines of files and folders (their files by name), one after another, in bounded memory."""
    for path in paths:
        files = sorted(file for file in path.rglob("*") if _is_history(file)) if path.is_dir() else [path]
        for file in files:
            try:
                yield from _lines_of(file)
            except OSError as error:
                yield _refused(str(file), "input.unreadable", why=error.strerror or type(error).__name__)


def _is_history(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES and file.is_file() and not file.name.startswith(".")


def _refused(place: str, key: str, **values: object) -> Refused:
    return Refused(place, key, {"place": place} | {name: str(value) for name, value in values.items()})


def _lines_of(file: Path) -> Iterator[Line | Refused]:
    suffix = file.suffix.lower()
    if suffix == ".csv":
        yield from _csv(file)
    elif suffix == ".parquet":
        yield from _parquet(file)
    elif suffix == ".json":
        yield from _json(file)
    else:
        yield from _by_line(file)


def _json(file: Path) -> Iterator[Line | Refused]:
    name = str(file)
    with file.open("rb") as stream:
        content = stream.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        yield _refused(name, "input.large", limit=MAX_JSON_BYTES // _MEBIBYTE)
        return
    try:
        texts = list(spans(content.decode("utf-8-sig"), name))
    except UnicodeDecodeError as error:
        yield _refused(name, "input.utf8", offset=error.start)
    except ExtraDataError:
        yield from _by_line(file)
    except RequestTextError as error:
        yield Refused(name, error.key, {key: str(value) for key, value in error.values.items()})
    else:
        for number, text in enumerate(texts):
            yield Line(name if len(texts) == 1 else f"{name}[{number}]", text)


def _by_line(file: Path) -> Iterator[Line | Refused]:
    with file.open("rb") as stream:
        for number in itertools.count(1):
            line = stream.readline(MAX_LINE_BYTES + 1)
            if not line:
                return
            place = f"{file}:{number}"
            if len(line) > MAX_LINE_BYTES:
                yield _refused(place, "input.large", limit=MAX_LINE_BYTES // _MEBIBYTE)
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_LINE_BYTES)
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError as error:
                yield _refused(place, "input.utf8", offset=error.start)
                continue
            if text:
                yield Line(place, text)


def _csv(file: Path) -> Iterator[Line | Refused]:
    csv.field_size_limit(min(sys.maxsize, MAX_LINE_BYTES))
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            columns = _columns(next(rows, []))
            if "request" not in columns:
                yield _refused(str(file), "input.no_request_column")
                return
            for row in rows:
                if row:
                    yield _row(f"{file}:{rows.line_num}", dict(zip(columns, row, strict=False)))
    except (csv.Error, UnicodeDecodeError) as error:
        yield _refused(str(file), "input.unreadable", why=error)


def _columns(header: Iterable[str]) -> list[str]:
    return [_COLUMNS.get(name.strip(), name) for name in header]


def _parquet(file: Path) -> Iterator[Line | Refused]:
    if importlib.util.find_spec("polars") is None:
        yield _refused(str(file), "input.no_polars")
        return
    import polars as pl  # noqa: PLC0415 - the optional extra `history`

    try:
        frame = pl.scan_parquet(file)
        names = frame.collect_schema().names()
        wanted = dict(zip(names, _columns(names), strict=True))
        if "request" not in wanted.values():
            yield _refused(str(file), "input.no_request_column")
            return
        kept = frame.select([name for name, column in wanted.items() if column in _COLUMNS.values()])
        for start in itertools.count(0, _PARQUET_ROWS):
            rows = kept.slice(start, _PARQUET_ROWS).collect().iter_rows(named=True)
            count = 0
            for count, row in enumerate(rows, start=1):
                yield _row(f"{file}:{start + count}", {wanted[name]: value for name, value in row.items()})
            if count < _PARQUET_ROWS:
                return
    except (pl.exceptions.PolarsError, ValueError) as error:
        yield _refused(str(file), "input.unreadable", why=str(error).partition("\n")[0][:200])


def _row(place: str, row: dict[str, Any]) -> Line | Refused:
    """A row of a table; an amount is whole 分."""
    text, amount = row.get("request"), row.get("amount_fen")
    if not isinstance(text, str) or not text.strip():
        return _refused(place, "input.no_request")
    if amount in {None, ""}:
        number = None
    elif isinstance(amount, int) or (isinstance(amount, str) and amount.isascii() and amount.isdigit()):
        number = int(amount)
    else:
        return _refused(place, "input.amount", value=str(amount)[:40])
    return Line(place, text, str(row.get("department") or ""), number)
