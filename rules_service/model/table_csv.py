"""Lines of a CSV file: UTF-8 with or without byte order mark, or GBK."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rules_service.model.decoding import decode_table
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.table_limits import MAX_BYTES

__all__ = ["csv_lines"]


def csv_lines(path: str, content: bytes, diagnostics: Diagnostics) -> Iterator[tuple[int, Sequence[str]]]:
    """Each record with the number of its first line; faults go to ``diagnostics``."""
    text = decode_table(path, content, diagnostics, MAX_BYTES)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        # The record begins on this line; where in it the quotes go wrong, the parser does not say.
        diagnostics.add("TABLE-SYNTAX", Source(path, line, 1), problem=str(error))
