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


def tokens_up_to(end: int, beside: Array) -> Array:
    """Give 0, 1, ... as int64, on the device of another array."""
    if isinstance(beside, np.ndarray):
        return np.arange(end, dtype=np.int64)
    return _torch().arange(end, device=beside.device)


def zeros(shape: tuple[int, ...], beside: Array, kind: str) -> Array:
    """Give zeros of a kind (``int64``, ``float64``), on the device of another array."""
    if isinstance(beside, np.ndarray):
        return np.zeros(shape, kind)
    return beside.new_zeros(shape, dtype=getattr(_torch(), kind))


def beside(table: Array, array: Array) -> Array:
    """Give a numpy table as the same kind of array as another, on its device."""
    return table if isinstance(array, np.ndarray) else _torch().from_numpy(table).to(array.device)


def _torch() -> ModuleType:
    return sys.modules["torch"]
