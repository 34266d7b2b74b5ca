"""What waits on disk for a place that cannot be written: whole files of records, oldest first."""

import json
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from guardrails.telemetry.decisions.line import canonical
from guardrails.telemetry.decisions.record import Body

MOST = 256 * 1024 * 1024
"""Bytes that may wait."""


class Spool:
    """A folder of files, each written and taken back whole. Safe to use from two threads.

    A process that is killed between the writing of a file's records and its removal writes them
    again: they have the same ids. ``None`` as the folder is a spool without room.
    """

    def __init__(self, folder: Path | None, worker: int, most: int = MOST) -> None:
        self._folder, self._worker, self._most = folder, worker, most
        self._lock = threading.Lock()
        self._files: dict[Path, int] = {}
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in sorted(folder.glob(f"w{worker}.*.spool")):
                self._files[path] = path.stat().st_size

    @property
    def bytes(self) -> int:
        """How much waits."""
        return sum(self._files.values())

    def __len__(self) -> int:
        return len(self._files)

    def put(self, bodies: Sequence[Body], *, front: bool = False) -> bool:
        """Keep records, after or before all others; False when there is no room for them."""
        whole = b"".join(canonical(body) + b"\n" for body in bodies)
        with self._lock:
            if self._folder is None or self.bytes + len(whole) > self._most:
                return False
            path = self._folder / f"w{self._worker}.{self._number(front=front):012d}.spool"
            if not _written(path, whole):
                return False
            files = {path: len(whole)}
            self._files = {**files, **self._files} if front else {**self._files, **files}
        return True

    def first(self) -> tuple[Path, list[Body]] | None:
        """Give the oldest file and its records; None when there is none."""
        with self._lock:
            path = next(iter(self._files), None)
        if path is None:
            return None
        bodies = []
        for line in path.read_bytes().splitlines():
            with suppress(ValueError):  # torn when the process was killed
                bodies.append(json.loads(line))
        return path, bodies

    def done(self, path: Path) -> None:
        """Let go of a file whose records are written."""
        with self._lock:
            self._files.pop(path, None)
            path.unlink(missing_ok=True)

    def _number(self, *, front: bool) -> int:
        numbers = [int(path.name.split(".")[1]) for path in self._files]
        if not numbers:
            return 500_000_000_000
        return min(numbers) - 1 if front else max(numbers) + 1


def _written(path: Path, whole: bytes) -> bool:
    """Write a file, or leave nothing of it."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        view = memoryview(whole)
        while view:
            view = view[os.write(file, view) :]
    except OSError:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(file)
    return True
