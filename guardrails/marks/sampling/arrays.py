"""What numpy and torch have in common, and the few places where they differ."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

from guardrails.marks.sampling.prf import Array


def namespace(array: Array) -> Any:
    """Give the library that an array is of. torch is never imported here: who sends one has it."""
    return np if isinstance(array, np.ndarray) else _torch()


def int64(array: Array) -> Array:
    """Widen token ids, for arithmetic that wraps around at 64 bits."""
    return array.astype(np.int64) if isinstance(array, np.ndarray) else array.long()


def float32(array: Array) -> Array:
    """Give numbers in single precision."""
    return array.astype(np.float32) if isinstance(array, np.ndarray) else array.float()


def float64(array: Array) -> Array:
    """Give numbers in double precision."""
    return array.astype(np.float64) if isinstance(array, np.ndarray) else array.double()


def like(array: Array, original: Array) -> Array:
    """Give the array in the precision of the original."""
    return (
        array.astype(original.dtype) if isinstance(array, np.ndarray) else array.to(original.dtype)
    )


def flagged(mask: Array) -> tuple[Array, Array]:
    """Give row and column of each place that is true, row by row."""
    if isinstance(mask, np.ndarray):
        flat = np.flatnonzero(mask)
    elif mask.device.type == "cpu":  # numpy's is four times as fast where little is true
        flat = _torch().from_numpy(np.flatnonzero(mask.numpy()))
    else:
        flat = mask.flatten().nonzero().flatten()
    rows = flat // mask.shape[1]
    return rows, flat - rows * mask.shape[1]


def sums(entries: Array, counts: Array) -> Array:
    """Add up entries that lie row by row; no row is without one."""
    if isinstance(entries, np.ndarray):
        return np.add.reduceat(entries, counts.cumsum() - counts)
    return _torch().segment_reduce(entries, "sum", lengths=counts, unsafe=True)


def greatest(entries: Array, counts: Array) -> Array:
    """Give the greatest of entries that lie row by row; no row is without one."""
    if isinstance(entries, np.ndarray):
        return np.maximum.reduceat(entries, counts.cumsum() - counts)
    return _torch().segment_reduce(entries, "max", lengths=counts, unsafe=True)


def taken(of_rows: Array, rows: Array) -> Array:
    """Give each entry what its row has."""
    return of_rows.take(rows) if isinstance(rows, np.ndarray) else of_rows.index_select(0, rows)


def beside(table: Array, array: Array) -> Array:
    """Give a numpy table as the same kind of array as another, on its device."""
    return table if isinstance(array, np.ndarray) else _torch().from_numpy(table).to(array.device)


def _torch() -> ModuleType:
    return sys.modules["torch"]
