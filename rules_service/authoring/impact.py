"""What a draft would do: both versions answer the same history, and what differs is counted and explained."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from rules_service.authoring.history_files import Line, Refused
from rules_service.authoring.impact_pair import Pair, Setting
from rules_service.authoring.impact_rows import Fact, Reason, Row, Standing
from rules_service.authoring.impact_tally import Tally
from rules_service.compile.bundle import Bundle, load_bundle

__all__ = ["Impact", "ImpactSummary"]

_AT_A_TIME: Final = 50  # lines that a process gets at once
_WAITING: Final = 3  # such parcels a process, so that few lines are in memory
_PARTS: Final = Decimal("0.000001")
Result = Row | Refused | None
_Parcel = tuple[Line | Refused, ...]


@dataclass(frozen=True, slots=True)
class ImpactSummary:
    """What the log of publishing keeps of an impact, and what guards the step (``registry.machine.Guards``).

    ``newly_failing_share``: of the answered projects those that are returned or barred, or reports orange or
    red, and stood better before; a text between 0 and 1, rounded up, so that no guard is passed by rounding.
    """

    draft: str
    live: str
    projects: int
    unanswerable: int
    flips: int
    newly_failing: int
    newly_failing_share: str

    def plain(self) -> dict[str, Any]:
        """The summary as JSON."""
        return asdict(self)


class Impact:
    """The impact of a draft against the live version; holds a file of the flips until it is closed.

    ``over`` fills it; afterwards ``tally`` has the counts, and ``flips`` tells every project that stands
    otherwise, in the order of the history.
    """

    def __init__(self, live: Bundle, draft: Bundle, setting: Setting) -> None:
        self.live, self.draft, self.setting = live, draft, setting
        self.tally = Tally()
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Impact:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()

    def over(
        self,
        lines: Iterable[Line | Refused],
        *,
        workers: int = 1,
        done: Callable[[int], None] = lambda _: None,
    ) -> Impact:
        """Answer a history; ``done`` hears how many more lines are through.

        With several ``workers`` each is a process that loads both versions once; the result is the same.
        """
        with self._answering(workers) as answers:
            for results in answers(_parcels(lines)):
                for result in results:
                    self.tally.add(result)
                    if isinstance(result, Row) and result.flips:
                        self._spool.write(json.dumps(result).encode() + b"\n")
                done(len(results))
        return self

    def _answering(self, workers: int) -> _Alone | _Pool:
        sides = self.live, self.draft
        return _Alone(*sides, self.setting) if workers == 1 else _Pool(*sides, self.setting, workers)

    def flips(self) -> Iterator[Row]:
        """Every project that stands otherwise."""
        self._spool.seek(0)
        for line in self._spool:
            row = Row(*json.loads(line))
            reasons = (Reason(*told) for told in row.reasons)
            yield row._replace(
                old=Standing(*row.old),
                new=Standing(*row.new),
                gained=tuple(Fact(*fact) for fact in row.gained),
                lost=tuple(Fact(*fact) for fact in row.lost),
                reasons=tuple(one._replace(parameters=tuple(one.parameters)) for one in reasons),
            )

    @property
    def summary(self) -> ImpactSummary:
        """The few figures that guard publishing."""
        answered, failing = self.tally.every.projects, self.tally.newly_failing.projects
        share = Decimal(failing) / Decimal(answered) if answered else Decimal(0)
        return ImpactSummary(
            draft=self.draft.hash,
            live=self.live.hash,
            projects=answered,
            unanswerable=len(self.tally.refused),
            flips=self.tally.flips,
            newly_failing=failing,
            newly_failing_share=str(share.quantize(_PARTS, rounding=ROUND_CEILING).normalize() + 0),
        )


def _parcels(lines: Iterable[Line | Refused]) -> Iterator[_Parcel]:
    """The lines, several at a time."""
    left = iter(lines)
    while parcel := tuple(islice(left, _AT_A_TIME)):
        yield parcel


class _Alone:
    """Answers in this process."""

    def __init__(self, old: Bundle, new: Bundle, setting: Setting) -> None:
        self._pair = Pair(old, new, setting)

    def __enter__(self) -> Callable[[Iterable[_Parcel]], Iterator[list[Result]]]:
        return lambda parcels: ([_result(self._pair, line) for line in parcel] for parcel in parcels)

    def __exit__(self, *_: object) -> None:
        self._pair.__exit__(None, None, None)


class _Pool:
    """Answers in several processes; results come back in the order of the parcels."""

    def __init__(self, old: Bundle, new: Bundle, setting: Setting, workers: int) -> None:
        # Not forked from this process, whose threads and connections a child must not inherit.
        context = multiprocessing.get_context("forkserver")
        self._folder = tempfile.TemporaryDirectory(prefix="impact-")
        files = [Path(self._folder.name) / name for name in ("live", "draft")]
        for file, bundle in zip(files, (old, new), strict=True):
            file.write_bytes(bundle.dump())
        self._pool = ProcessPoolExecutor(
            workers, context, initializer=_load, initargs=(files[0], files[1], setting)
        )
        self._most = workers * _WAITING

    def __enter__(self) -> Callable[[Iterable[_Parcel]], Iterator[list[Result]]]:
        return self._answers

    def _answers(self, parcels: Iterable[_Parcel]) -> Iterator[list[Result]]:
        waiting: deque[Future[list[Result]]] = deque()
        for parcel in parcels:
            waiting.append(self._pool.submit(_answer, parcel))
            if len(waiting) >= self._most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()


# What a worker process has loaded; each has its own.
_pair: Pair | None = None


def _load(live: Path, draft: Path, setting: Setting) -> None:
    global _pair  # noqa: PLW0603 - see above
    _pair = Pair(load_bundle(live.read_bytes()), load_bundle(draft.read_bytes()), setting)


def _answer(parcel: _Parcel) -> list[Result]:
    assert _pair is not None, "the pool loads it first"
    return [_result(_pair, line) for line in parcel]


def _result(pair: Pair, line: Line | Refused) -> Result:
    return line if isinstance(line, Refused) else pair.row(line)
