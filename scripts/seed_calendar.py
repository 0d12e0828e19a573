"""Write the working days of each year into the national ruleset, from the library ``chinesecalendar``.

``python scripts/seed_calendar.py 2016 2026`` after ``pip install chinesecalendar``.  The files are the
ruleset's own from then on: the library is no dependency of the service.
"""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "rulesets" / "national" / "calendars"


def text_of(year: int) -> str:
    """One year's document."""
    known = import_module("chinese_calendar.constants")
    names = {holiday.value: (holiday.chinese, holiday.value) for holiday in known.Holiday}
    off: dict[tuple[str, str], list[date]] = {}
    for day, name in sorted(known.holidays.items()):
        if day.year == year:
            off.setdefault(names[name], []).append(day)
    worked = sorted(day for day in known.workdays if day.year == year)
    lines = [
        f"# {year} 年的节假日和调休上班的周末。",
        f"calendar: {year}",
        f"source: chinesecalendar {version('chinesecalendar')}（MIT；按国务院办公厅历年节假日安排整理）",
        "proof: V2",
        "holidays:",
    ]
    lines += [
        f'  - {{name: {{zh: {zh}, en: "{en}"}}, days: [{", ".join(map(str, days))}]}}'
        for (zh, en), days in off.items()
    ]
    return "\n".join([*lines, f"workdays: [{', '.join(map(str, worked))}]", ""])


def main(first: int, last: int) -> None:
    """Write the files of all years from ``first`` to ``last``."""
    FOLDER.mkdir(exist_ok=True)
    for year in range(first, last + 1):
        (FOLDER / f"{year}.yaml").write_text(text_of(year), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
