"""The files of a chain: `w0.000000000001.jsonl` has its lines from the first on, or a `.gz` has."""

import gzip
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from guardrails.telemetry.decisions.line import Torn

_NAME = re.compile(r"w(\d+)\.(\d{12,})\.jsonl(\.gz)?")
_TAIL = 1 << 20
"""Bytes that are read at a time from the end of a file; longer than a line."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One file: the worker whose chain it is of, and the number of its first line."""

    worker: int
    first: int
    path: Path

    def lines(self) -> Iterator[bytes]:
        """Its lines; one without its end is ``Torn``."""
        with _opened(self.path) as file:
            for line in file:
                yield line[:-1] if line.endswith(b"\n") else Torn(line)


def _opened(path: Path) -> BinaryIO:
    """Open a file to read, also one that was packed since it was listed."""
    packed = path.with_name(f"{path.name}.gz")
    if path.suffix == ".gz" or (packed.exists() and not path.exists()):
        return cast("BinaryIO", gzip.open(path if path.suffix == ".gz" else packed, "rb"))
    return path.open("rb")


def named(folder: Path, worker: int, first: int) -> Path:
    """The name of a file that begins with this line."""
    return folder / f"w{worker}.{first:012d}.jsonl"


def segments(folder: Path, worker: int | None = None) -> list[Segment]:
    """The files of all chains, or of one, in order; packed only where it is not there unpacked."""
    found: dict[tuple[int, int], Segment] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and worker in {None, int(match[1])}:
            place = (int(match[1]), int(match[2]))
            found.setdefault(place, Segment(*place, path))
    return [found[place] for place in sorted(found)]


def pack(path: Path) -> None:
    """Put a compressed file in the place of a plain one; the plain one goes last."""
    packed, making = path.with_name(f"{path.name}.gz"), path.with_name(f"{path.name}.gz.new")
    with path.open("rb") as plain, making.open("wb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
            shutil.copyfileobj(plain, file)
        raw.flush()
        os.fsync(raw.fileno())
    making.replace(packed)
    path.unlink()


def put(path: Path, lines: list[bytes]) -> None:
    """Put other lines in a file, all or none; a packed file stays packed."""
    making = path.with_name(f"{path.name}.new")
    whole = b"".join(line + b"\n" for line in lines)
    with making.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(gzip.compress(whole, mtime=0) if path.suffix == ".gz" else whole)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Have the disk keep the names in a folder."""
    with suppress(OSError):  # not every file system can
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def whole_tail(path: Path) -> tuple[bytes | None, int]:
    """Give the last whole line of a plain file, and where it ends; None where there is none."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start, tail = size, b""
        while start > 0:
            step = min(_TAIL, start)
            start -= step
            file.seek(start)
            tail = file.read(step) + tail
            end = tail.rfind(b"\n")
            before = tail.rfind(b"\n", 0, max(end, 0))
            if end >= 0 and (before >= 0 or start == 0):
                return tail[before + 1 : end], start + end + 1
    return None, 0
