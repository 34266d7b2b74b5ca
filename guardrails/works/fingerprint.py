"""What is kept of a work so that copies of it are found: the same shape for every kind."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Seeds: TypeAlias = NDArray[np.uint32]
Places: TypeAlias = NDArray[np.uint32]
Detail: TypeAlias = NDArray[np.uint16]
Vector: TypeAlias = NDArray[np.float32]


def _no_32() -> NDArray[np.uint32]:
    return np.zeros(0, np.uint32)


def _no_16() -> Detail:
    return np.zeros(0, np.uint16)


def _no_vector() -> Vector:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What an index keeps of one work.

    ``seeds`` (n,) are hashes of short stretches (words of a text, tokens of code, features of a
    picture); ``places`` (n,) tells where in ``detail`` each begins, or in which pose a feature of
    a picture stands. ``detail`` holds what candidates are compared by: a 16-bit hash for each word
    or token, or the packed features of a picture. ``lines`` (code) has the number of the first
    token of each line. ``vector`` and ``hash`` (pictures) are an embedding of unit length and a
    perceptual hash of 256 bits. A name has none of it.
    """

    seeds: Seeds = field(default_factory=_no_32, repr=False)
    places: Places = field(default_factory=_no_32, repr=False)
    detail: Detail = field(default_factory=_no_16, repr=False)
    lines: Places = field(default_factory=_no_32, repr=False)
    vector: Vector = field(default_factory=_no_vector, repr=False)
    hash: bytes = b""


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Where seeds of a subject stand in works: rows of three columns, each (n,).

    ``seed`` is the row in the seeds that were asked for, ``work`` the number of a work in its
    store, ``place`` as in ``Fingerprint``.
    """

    seed: NDArray[np.uint32]
    work: NDArray[np.uint32]
    place: Places
