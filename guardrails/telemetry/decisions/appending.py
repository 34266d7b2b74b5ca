"""Writes one chain into its files: finds its end, heals it, begins a new file when that is due."""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.line import Writer, chained, end_of, read
from guardrails.telemetry.decisions.record import Body, moment
from guardrails.telemetry.decisions.segments import named, pack, segments, sync, whole_tail
from guardrails.telemetry.decisions.store import Make


class Sync(StrEnum):
    """When the disk must have what was written."""

    ALWAYS = "always"
    """Before more is written."""
    INTERVAL = "interval"
    """Within about a second: a power cut costs that much, the end of the process nothing."""
    NEVER = "never"
    """When the system likes."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a new file begins, and whether those before are compressed."""

    size: int = 64 * 1024 * 1024
    seconds: float = 24 * 3600.0
    packed: bool = False


@dataclass(slots=True)
class _Open:
    """The file that is written, as it was left: if it has changed, someone else was there."""

    path: Path
    file: int
    inode: int
    size: int
    born: float
    end: Anchor


class Appending:
    """The writing end of one chain."""

    def __init__(self, folder: Path, worker: int, rotation: Rotation, policy: Sync) -> None:
        self._folder, self._worker = folder, worker
        self._rotation, self._policy = rotation, policy
        self._open: _Open | None = None
        self._last = START
        self._healed: list[Body] = []
        self._full: list[Path] = []
        self._unsynced = False

    def append(self, make: Make) -> Anchor:
        """Write what follows the end, all of it or nothing."""
        with alone(self._folder, self._worker):
            here = self._current()
            if here.size >= self._rotation.size or time.time() - here.born > self._rotation.seconds:
                here = self._rotate(here)
            if self._healed:
                self._write(here, *chained(self._healed, here.end, Writer(self._worker)))
                self._healed = []
            self._write(here, *make(here.end))
            self._unsynced = True
            if self._policy is Sync.ALWAYS:
                self._sync()
        return here.end

    def tend(self) -> None:
        """Have the disk keep what was written since, and compress what is full."""
        if self._policy is Sync.INTERVAL:
            self._sync()
        while self._full:
            with alone(self._folder, self._worker):
                path = self._full.pop()
                if path.exists():
                    pack(path)

    def close(self) -> None:
        """Have the disk keep all."""
        self.tend()
        if self._open is not None:
            os.close(self._open.file)
            self._open = None

    def _sync(self) -> None:
        if self._unsynced and self._open is not None:
            os.fsync(self._open.file)
        self._unsynced = False

    def _current(self) -> _Open:
        """The file as it was left, or as it is found; the chain never gets shorter."""
        if self._open is not None:
            if _is_as_left(self._open):
                return self._open
            os.close(self._open.file)
            self._open = None
        self._open = self._found() or self._new(self._last, "")
        if self._open.end.count < self._last.count:
            self._open.end = self._last  # what is missing will show
        return self._open

    def _found(self) -> _Open | None:
        """Open the newest file, without the line at its end that was torn."""
        older = segments(self._folder, self._worker)
        while older and older[-1].path.suffix != ".gz":
            path = older.pop().path
            line, whole = whole_tail(path)
            size = path.stat().st_size
            if whole < size:
                os.truncate(path, whole)
                self._healed.append(_healing(size - whole))
            if line is not None:
                return _opened(path, whole, end_of(line) or _readable(path), _born(path))
            path.unlink()  # not even its first line was written
        if not older:
            return None
        *_, last = older[-1].lines()
        return self._new(end_of(last) or START, older[-1].path.name)

    def _rotate(self, full: _Open) -> _Open:
        os.fsync(full.file)
        os.close(full.file)
        self._open = None
        self._open = self._new(full.end, full.path.name)
        if self._rotation.packed:
            self._full.append(full.path)
        return self._open

    def _new(self, end: Anchor, after: str) -> _Open:
        """Begin a file; its first record names the one before it."""
        path = named(self._folder, self._worker, end.count + 1)
        new = _opened(path, 0, end, time.time())
        body = {"kind": "segment", "at": moment(new.born), "after": after, "version": 1}
        try:
            self._write(new, *chained([body], end, Writer(self._worker)))
        except OSError:
            os.close(new.file)
            raise
        sync(self._folder)
        return new

    def _write(self, here: _Open, lines: Sequence[bytes], end: Anchor) -> None:
        """Write lines; what does not fit on the disk whole is taken back."""
        whole = memoryview(b"".join(line + b"\n" for line in lines))
        written = 0
        try:
            while written < len(whole):
                written += os.write(here.file, whole[written:])
        except OSError:
            os.ftruncate(here.file, here.size)
            raise
        here.size += len(whole)
        here.end = self._last = end


@contextmanager
def alone(folder: Path, worker: int) -> Iterator[None]:
    """Be the only one of all processes who writes a chain."""
    lock = os.open(folder / f"w{worker}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _is_as_left(one: _Open) -> bool:
    try:
        now = one.path.stat()
    except FileNotFoundError:
        return False
    return (now.st_ino, now.st_size) == (one.inode, one.size)


def _opened(path: Path, size: int, end: Anchor, born: float) -> _Open:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _Open(path, file, os.fstat(file).st_ino, size, born, end)


def _healing(torn: int) -> Body:
    return {"kind": "healed", "at": moment(time.time()), "bytes": torn}


def _readable(path: Path) -> Anchor:
    """The end of the chain in a file whose last line was spoiled: verifying shows that it was."""
    ends = [end for end in map(end_of, path.read_bytes().splitlines()) if end is not None]
    return ends[-1] if ends else START


def _born(path: Path) -> float:
    with path.open("rb") as file:
        first = read(file.readline().removesuffix(b"\n"))
    try:
        return datetime.fromisoformat(str((first or {}).get("at"))).timestamp()
    except ValueError:
        return time.time()
