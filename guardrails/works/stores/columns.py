"""Arrays in one file that is written once, and mapped into memory to be read."""

import json
import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.store import WorksError

Columns: TypeAlias = Mapping[str, NDArray[Any]]

SMALL = 1 << 20
"""Files up to so many bytes are read: one that is mapped stays open, and of those there are few."""

_MAGIC = b"GRWORKS1"
_START = struct.Struct("<8sI")
_STEP = 64
"""Arrays begin at multiples of so many bytes, as a line of a processor's cache does."""


def write(path: Path, columns: Columns) -> int:
    """Write a file that is whole or not there; tell its size in bytes."""
    table, offset = {}, 0
    for name, column in columns.items():
        table[name] = (column.dtype.str, column.shape, offset)
        offset += -(-column.nbytes // _STEP) * _STEP
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-(_START.size + len(header)) % _STEP)
    unfinished = path.with_suffix(".part")
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_START.pack(_MAGIC, len(header)) + header)
        for column in columns.values():
            file.write(np.ascontiguousarray(column).data)
            file.write(bytes(-column.nbytes % _STEP))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync(path.parent)
    return _START.size + len(header) + offset


def read(path: Path) -> Columns:
    """Give the arrays of a file; they cannot be written to, and outlive its name.

    Raises:
        FileNotFoundError: it is not there.
        WorksError: it is not what ``write`` has written.
    """
    with path.open("rb") as file:
        large = os.fstat(file.fileno()).st_size > SMALL
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if large else file.read()
    try:
        magic, length = _START.unpack_from(mapped)
        start = _START.size + length
        table: Any = json.loads(mapped[_START.size : start]) if magic == _MAGIC else None
        return {name: _column(mapped, start, *entry) for name, entry in table.items()}
    except (struct.error, ValueError, AttributeError):
        raise WorksError(f"works: '{path.name}' is damaged, import its collection again") from None


def sync(folder: Path) -> None:
    """See to it that names made or dropped in a folder outlast a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _column(
    mapped: mmap.mmap | bytes, start: int, kind: str, shape: tuple[int, ...], offset: int
) -> NDArray[Any]:
    count = int(np.prod(shape))
    if not count:
        return np.zeros(shape, kind)
    return np.frombuffer(mapped, kind, count, start + offset).reshape(shape)
