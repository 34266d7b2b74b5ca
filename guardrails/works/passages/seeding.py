"""Seeds: one hash for every few tokens in a row, and which of them an index keeps.

Sampling is winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document
fingerprinting", 2003): of every ``window`` neighbours the least is kept, so that each run of
``width + window - 1`` equal tokens has a seed in common with its original.
"""

import numpy as np

from guardrails.works.fingerprint import Detail, Places, Seeds

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def seeds(tokens: Detail, width: int) -> Seeds:
    """Hash every ``width`` tokens in a row: as many as begin one, none of a shorter stream."""
    count = len(tokens) - width + 1
    if count < 1:
        return np.zeros(0, np.uint32)
    wide = tokens.astype(np.uint64)
    mixed = wide[:count].copy()
    for shift in range(1, width):
        mixed *= _SPREAD
        mixed += wide[shift : shift + count]
    for _ in range(2):
        mixed ^= mixed >> _HALF
        mixed *= _MIX
    return (mixed >> _HALF).astype(np.uint32)


def sampled(every: Seeds, window: int) -> Places:
    """Tell which seeds an index keeps: about 2 of every ``window`` + 1, all for a window of one."""
    if window == 1 or not len(every):
        return np.arange(len(every), dtype=np.uint32)
    if len(every) < window:
        return np.array([every.argmin()], np.uint32)
    count = len(every) - window + 1
    least, where = every[:count].copy(), np.zeros(count, np.uint8)
    for shift in range(1, window):
        less = every[shift : shift + count] < least
        least[less] = every[shift : shift + count][less]
        where[less] = shift
    kept = np.zeros(len(every), np.bool_)
    kept[where + np.arange(count)] = True
    return np.flatnonzero(kept).astype(np.uint32)
