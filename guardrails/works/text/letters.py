"""What each character counts for when words are compared: a table of all code points.

Case, compatibility forms and accents are folded (NFKD, case folding, no marks), so that composed
and decomposed spelling are one. The table is filled as code points are met, and shared.
"""

import threading
import unicodedata
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.uint32]

APART, DROPPED, LETTER = 1, 2, 3
"""What stands between words; what is passed over; the least that is part of a word."""
ALONE = 0x4000_0000
"""Set in letters that are a word by themselves, for their script has no spaces."""
_SEVERAL = 0x8000_0000
"""Set where a character stands for several; the rest is its row in ``_several``."""

_UNKNOWN = 0
_PASSED_OVER = frozenset("'\u2019\u2018\u02bc`\u00b4\uff07")
"""Apostrophes, and what is written for them."""
_MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
_NO_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)

_table: Points = np.zeros(0x110000, np.uint32)
_several: list[list[int]] = []
_learning = threading.Lock()


def folded(points: Points) -> tuple[Points, NDArray[np.int64]]:
    """Give what characters count for but those dropped, and where in the original each stands."""
    if not (known := _table[points]).all():
        with _learning:
            for point in np.unique(points[known == _UNKNOWN]).tolist():
                _table[point] = _counted(point)
        known = _table[points]
    if (known >= _SEVERAL).any():
        return _spelt_out(known)
    origins = np.flatnonzero(known != DROPPED)
    return known[origins], origins


def _spelt_out(known: Points) -> tuple[Points, NDArray[np.int64]]:
    letters: list[int] = []
    origins: list[int] = []
    rows = np.flatnonzero(known >= _SEVERAL).tolist()
    lengths = np.ones(len(known), np.int64)
    lengths[known == DROPPED] = 0
    for row in rows:
        spelt = _several[int(known[row]) - _SEVERAL]
        lengths[row] = len(spelt)
        letters.extend(spelt)
        origins.extend([row] * len(spelt))
    where = np.repeat(np.arange(len(known)), lengths)
    result = known[where]
    result[result >= _SEVERAL] = letters
    return result, where


def _counted(point: int) -> int:
    """Say what one character counts for."""
    character = chr(point)
    if character in _PASSED_OVER or unicodedata.category(character) in _MARKS:
        return DROPPED
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    letters = [ord(one) | _alone(ord(one)) for one in plain if one.isalnum()]
    if len(letters) > 1:
        _several.append(letters)
        return _SEVERAL | (len(_several) - 1)
    return letters[0] if letters else APART


def _alone(point: int) -> int:
    return ALONE if any(first <= point <= last for first, last in _NO_SPACES) else 0
