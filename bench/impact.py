"""`python -m bench.impact COUNT`: how long an impact takes over that many projects, and how much memory.

The history is made of the samples, each varied by its number. The draft moves a line of the reviews and one
of the reports for everybody, so that no second answer can be saved. The command is the one that people use.
Memory is that of all its processes, where pages that they share count once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any, Final

from rules_service.server.places import default_rulesets

__all__ = ["histories", "main"]

_SAMPLES: Final = Path(__file__).resolve().parents[1] / "samples"
_DEPARTMENTS: Final = 60
_LINES: Final = (
    ("national/parameters/progress/lag_gap_yellow.yaml", "2016-01-01: 10pp", "2016-01-01: 5pp"),
    ("national/parameters/quantification/min_quantified_share.yaml", "2016-01-01: 70%", "2016-01-01: 90%"),
)
_LOOK_S: Final = 0.5


def histories(count: int) -> Iterator[dict[str, Any]]:
    """That many requests; equal counts give equal requests."""
    samples = [
        json.loads(path.read_text("utf-8"))
        for folder in ("review", "assess")
        for path in sorted((_SAMPLES / folder).glob("*.json"))
    ]
    for number in range(count):
        yield _varied(samples[number % len(samples)], number)


def _varied(sample: dict[str, Any], number: int) -> dict[str, Any]:
    """A sample with other amounts, names and targets, and a department."""
    chance = Random(number)  # noqa: S311 - reproducible variety, nothing secret
    made: dict[str, Any] = json.loads(json.dumps(sample))
    project = made["project"]
    project["projectCode"] = f"P{number}"
    project["deptCode"] = f"部门{chance.randrange(_DEPARTMENTS)}"
    project["projectName"] = f"{project.get('projectName', '')}（{number}）"
    factor = chance.randint(50, 200)
    for holder in (project, made.get("report", {})):
        for name in ("requestedFen", "spentFen", "originalBudgetFen"):
            if name in holder:
                holder[name] = str(int(holder[name]) * factor // 100)
    if "spentFen" in made.get("report", {}):
        made["report"]["spentFen"] = str(int(made["report"]["spentFen"]) * chance.randint(60, 110) // 100)
    for goal in (*project.get("goals", []), *made.get("goals", [])):
        for indicator in goal.get("indicators", []):
            if "weight" in indicator and chance.random() < 0.1:
                indicator["weight"] = str(chance.randint(1, 30))
    return made


class _Watch:
    """Looks at a process and all below it: memory that they hold at once, and processor time of each."""

    def __init__(self) -> None:
        self.peak = 0
        self._ticks: dict[int, int] = {}

    @property
    def processor_s(self) -> float:
        """Processor time of all processes that were seen, as of the last look at each."""
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def look(self, root: int) -> None:
        """Take one look."""
        parents: dict[int, list[int]] = {}
        ticks: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            number = int(stat.parent.name)
            parents.setdefault(int(fields[1]), []).append(number)
            ticks[number] = int(fields[11]) + int(fields[12])
        held, pending = 0, [root]
        while pending:
            process = pending.pop()
            pending += parents.get(process, [])
            self._ticks[process] = ticks.get(process, self._ticks.get(process, 0))
            try:
                rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            except OSError:
                continue
            held += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        self.peak = max(self.peak, held // 1024)


def _draft(folder: Path, rulesets: Path) -> Path:
    draft = folder / "draft"
    copytree(rulesets, draft)
    for name, old, new in _LINES:
        text = (draft / name).read_text("utf-8")
        if text.count(old) != 1:
            raise RuntimeError(f"{name} does not hold {old!r} once")
        (draft / name).write_text(text.replace(old, new), "utf-8")
    return draft


def main() -> None:
    """Make a history, run the impact over it, and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.impact")
    parser.add_argument("count", type=int)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    rulesets = default_rulesets()
    if rulesets is None:
        raise RuntimeError("there is no folder of rulesets")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history = folder / "history.jsonl"
        with history.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in histories(asked.count))
        command = [sys.executable, "-m", "rules_service.cli", "rules", "impact"]
        command += [str(_draft(folder, rulesets)), str(rulesets), "--over", str(history)]
        command += ["--workers", str(asked.workers), "--evaluated-on", "2026-11-22"]
        command += ["--out", str(folder / "report.html"), "--out", str(folder / "flips.xlsx")]
        started = time.monotonic()
        watch = _Watch()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            while process.poll() is None:
                watch.look(process.pid)
                time.sleep(_LOOK_S)
            output = process.stdout.read().decode() if process.stdout is not None else ""
        seconds = time.monotonic() - started
        if process.returncode:
            raise RuntimeError(f"the command ended with {process.returncode}")
        sys.stdout.write(output)
        size = history.stat().st_size // 1024**2
        sys.stdout.write(
            f"\n{asked.count} projects ({size} MiB), {asked.workers} worker(s): {seconds:.1f} s, "
            f"{watch.processor_s:.1f} s of processors, at most {watch.peak} MiB over all processes\n"
        )


if __name__ == "__main__":
    main()
