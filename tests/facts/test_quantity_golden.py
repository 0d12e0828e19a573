"""Every indicator text of the published tables, parse by parse, in a file that people have read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from rules_service.facts.quantity import Quantity, find_quantities, parse_quantity
from rules_service.values.numbers import SCALE

SOURCE = Path(__file__).resolve().parents[2] / "samples" / "source"
HEADER = ("field", "text", "status", "operator", "value", "upper", "unit", "approximate", "date", "all")


def published() -> Iterator[tuple[str, str]]:
    """Field and text of every indicator in the published tables, each once, in order."""
    seen: set[tuple[str, str]] = set()
    for name in ("goals", "monitoring"):
        for line in (SOURCE / f"{name}.jsonl").read_text("utf-8").splitlines():
            for indicator in json.loads(line)["indicators"]:
                for field in ("value_text", "actual_text", "level3"):
                    found = (field, indicator.get(field) or "")
                    if found[1] and found not in seen:
                        seen.add(found)
                        yield found


def test_every_published_indicator_text(golden: Callable[[str, str], None]) -> None:
    """Values and results are read whole; names only where they hold a number."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(HEADER)
    for field, text in sorted(published()):
        if field == "level3":
            parts = find_quantities(text)
            if parts:
                writer.writerow((field, text, "", "", "", "", "", "", "", _all(parts)))
            continue
        read = parse_quantity(text)
        several = _all(read.all) if read.count > 1 else ""
        writer.writerow((field, text, read.status, *_cells(read), several))
    golden("facts/published_quantities.csv", made.getvalue())


def _cells(read: Quantity) -> tuple[str, ...]:
    date = ""
    if read.date is not None:
        days = ["-".join(map(str, day)) for day in (read.date.start, read.date.end)]
        date = f"{read.date.kind} {'…'.join(dict.fromkeys(days))}"
    about = "yes" if read.approximate else ""
    return read.operator, _number(read.value), _number(read.upper), read.unit, about, date


def _all(parts: tuple[Quantity, ...]) -> str:
    return "; ".join(" ".join(filter(None, _cells(part))) or part.status for part in parts)


def _number(value: int | None) -> str:
    if value is None:
        return ""
    fraction = Fraction(value, SCALE)
    return str(fraction.numerator) if fraction.denominator == 1 else str(float(fraction))
