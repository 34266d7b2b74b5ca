"""The log as files in a folder that only its owner can read, a new one when the last is full."""

import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.appending import Appending, Rotation, Sync, alone
from guardrails.telemetry.decisions.line import Torn, end_of, read
from guardrails.telemetry.decisions.record import moment
from guardrails.telemetry.decisions.segments import put, segments, sync
from guardrails.telemetry.decisions.store import Change, Make, Old, Query, Record


class Files:
    """A folder of files. Whoever writes a chain holds its lock meanwhile.

    Raises:
        DecisionsError: the folder cannot be made or read.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rotation: Rotation | None = None,
        policy: Sync = Sync.INTERVAL,
        made: bool = True,
    ) -> None:
        self.place = str(folder)
        self._folder, self._rotation, self._policy = folder, rotation or Rotation(), policy
        self._chains: dict[int, Appending] = {}
        with _named(folder):
            if made:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            segments(folder)

    def append(self, worker: int, make: Make) -> Anchor:
        """Write what follows the end of a chain, all of it or nothing."""
        if worker not in self._chains:
            chain = Appending(self._folder, worker, self._rotation, self._policy)
            self._chains[worker] = chain
        with _named(self._folder):
            return self._chains[worker].append(make)

    def tend(self) -> None:
        """Have the disk keep what was written since."""
        with _named(self._folder):
            for chain in self._chains.values():
                chain.tend()

    def workers(self) -> Sequence[int]:
        """The chains that there are."""
        with _named(self._folder):
            return sorted({one.worker for one in segments(self._folder)})

    def lines(self, worker: int) -> Iterator[bytes]:
        """All lines of a chain."""
        with _named(self._folder):
            for segment in segments(self._folder, worker):
                yield from segment.lines()

    def search(self, asked: Query) -> Iterator[Record]:
        """What fits, the newest first, file by file: old ones are read when the newer ran out."""
        chains = [self._newest(worker, asked) for worker in self.workers()]
        return heapq.merge(*chains, key=lambda one: str(one["at"]), reverse=True)

    def _newest(self, worker: int, asked: Query) -> Iterator[Record]:
        needle = asked.id.encode()
        with _named(self._folder):
            for segment in reversed(segments(self._folder, worker)):
                here = list(segment.lines())
                for line in reversed(here):
                    record = read(line) if needle in line else None
                    if record is not None and asked.fits(record):
                        yield record
                if asked.since and here and _time(here[0]) < asked.since:
                    return

    def rewrite(self, worker: int, change: Change) -> int:
        """Put other lines in the place of some, file by file."""
        changed = 0
        with _named(self._folder), alone(self._folder, worker):
            for segment in segments(self._folder, worker):
                before = [line for line in segment.lines() if not _is_torn(line)]
                after = [change(line) for line in before]
                here = sum(one != other for one, other in zip(before, after, strict=True))
                if here:
                    put(segment.path, after)
                    changed += here
        return changed

    def old(self, worker: int, before: datetime) -> Old | None:
        """Tell which of the oldest files hold nothing younger, but never the last file."""
        oldest, through, gone = moment(before.timestamp()), START, 0
        with _named(self._folder), alone(self._folder, worker):
            for segment, following in pairwise(segments(self._folder, worker)):
                if _time(next(following.lines(), b"")) >= oldest:  # this one ended then
                    break
                here = list(segment.lines())
                through, gone = end_of(here[-1]) or through, gone + len(here)
        return Old(through, gone) if gone else None

    def drop(self, worker: int, old: Old) -> None:
        """Let go of them."""
        with _named(self._folder), alone(self._folder, worker):
            for segment, following in pairwise(segments(self._folder, worker)):
                if following.first <= old.through.count + 1:
                    segment.path.unlink()
            sync(self._folder)

    def close(self) -> None:
        """Have the disk keep all, and close the files."""
        with _named(self._folder):
            for chain in self._chains.values():
                chain.close()
        self._chains.clear()


def _is_torn(line: bytes) -> bool:
    return isinstance(line, Torn) and read(line) is None


def _time(line: bytes) -> str:
    return str((read(line) or {}).get("at", ""))


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Say of every failure of the disk whose log it is."""
    try:
        yield
    except (OSError, EOFError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise DecisionsError(f"decisions: '{folder}': {why}") from error
