"""A text as words: a 16-bit hash of each, and which characters it stands at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail
from guardrails.works.text.letters import ALONE, LETTER, Points, folded

CHUNK = 1 << 16
"""Characters taken at a time: what they need besides stays in the cache."""

_HYPHENATED = re.compile(r"[-\u2010\u00ad](?<=[^\W\d_].)[ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_NO_CUT = frozenset(" \t\r\n-\u2010\u00ad")
_LONGEST = 64
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF, _TOP = np.uint64(32), np.uint64(48)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    numbers = numbers ^ (numbers >> _HALF)
    numbers *= _MIX
    return numbers


_KEYS = _mixed(_mixed(np.arange(1, _LONGEST + 1, dtype=np.uint64) * _MIX)) | np.uint64(1)
"""One for each place in a word. Indexes hold what is made with them: they never change."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Words in their order: columns of ``hashes``, and ``starts`` and ``ends`` in code points."""

    hashes: Detail
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hashes)


def words(text: str) -> Words:
    """Read the words of a text: without case, accents, apostrophes and hyphens at line ends."""
    parts = [_words(text[start:end], start) for start, end in _cuts(text)]
    if len(parts) == 1:
        return parts[0]
    return Words(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.starts for part in parts]),
        np.concatenate([part.ends for part in parts]),
    )


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Cut behind words where that can be, so that no word is cut in two."""
    start = 0
    while len(text) - start > CHUNK:
        low = start + CHUNK // 2
        end = text.rfind(" ", low, start + CHUNK)
        while end > low and text[end - 1] in _NO_CUT:
            end = text.rfind(" ", low, end)
        end = end if end > low else start + CHUNK
        yield start, end
        start = end
    yield start, len(text)


def _words(text: str, offset: int) -> Words:
    points: Points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    letters, origins = folded(_joined(text, points))
    rows = np.flatnonzero(letters >= LETTER)
    if not len(rows):
        nothing = np.zeros(0, np.int64)
        return Words(np.zeros(0, np.uint16), nothing, nothing)
    letters = letters[rows]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (np.diff(rows) > 1) | (letters[1:] >= ALONE) | (letters[:-1] >= ALONE)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows)) - 1
    where = origins[rows]
    return Words(_hashes(letters, first, last), where[first] + offset, where[last] + 1 + offset)


def _joined(text: str, points: Points) -> Points:
    """Blank hyphens at line ends between letters."""
    broken = [one.span() for one in _HYPHENATED.finditer(text)]
    if broken:
        points = points.copy()
        for start, end in broken:
            points[start:end] = _SOFT_HYPHEN
    return points


_SOFT_HYPHEN = 0xAD
"""A character that is passed over."""


def _hashes(letters: Points, first: NDArray[np.int64], last: NDArray[np.int64]) -> Detail:
    """Hash each word: the sum of its letters times a key for each place in it, mixed."""
    places = np.arange(len(letters)) - np.repeat(first, last - first + 1)
    mixed = _mixed(np.add.reduceat(letters * _KEYS[places % _LONGEST], first))
    return (mixed >> _TOP).astype(np.uint16)
