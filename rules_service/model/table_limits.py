"""How large a table may be, so that a hostile or broken file costs little."""

from __future__ import annotations

__all__ = ["MAX_BYTES", "MAX_CELL", "MAX_COLUMNS", "MAX_FAULTS", "MAX_PARTS", "MAX_ROWS", "MAX_UNPACKED"]

MAX_BYTES = 32 * 1024 * 1024
"""Of a file as it stands."""
MAX_ROWS = 100_000
"""Filled rows below the header."""
MAX_COLUMNS = 200
MAX_CELL = 10_000
"""Characters of a cell."""
MAX_FAULTS = 200
"""Reported of one table; whoever has more has the wrong file or one systematic mistake."""
MAX_UNPACKED = 128 * 1024 * 1024
"""Bytes of all parts of a workbook when unpacked."""
MAX_PARTS = 500
"""Parts (files inside) of a workbook."""
