"""What an index keeps of a source: stretches of tokens, in hashes that renaming does not change.

In a stretch, a name stands for where it was last used in that same stretch (Baker's parameterised
strings); of all stretches, an index keeps those that winnowing picks (Schleimer et al. 2003), so
that two sources which share ``SEED + WINDOW - 1`` tokens in a row share a kept one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.works.code.dialects import IDENTIFIER, NUMBER, OTHER, STRING, SYMBOLS
from guardrails.works.code.lexing import Numbers, Tokens, dialect_of, tokenise
from guardrails.works.fingerprint import Detail, Fingerprint, Places, Seeds

SEED = 10
"""Tokens of a stretch."""
WINDOW = 4
"""Of so many stretches in a row, an index keeps one at least."""
NAME_BITS = 9
"""Bits of a detail that tell names and literals apart; the symbol stands above them."""

_TELLING = 3
"""Signs and keywords that a stretch needs: prose and plain lists of values have fewer."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Hashes of stretches of tokens, (n,), and the token at which each begins."""

    seeds: Seeds
    places: Places


def fingerprint(source: str, *, name: str = "") -> Fingerprint:
    """Keep what copies of a source are found by; its file's name tells how it is written."""
    tokens = tokenise(source, dialect_of(name))
    picked = winnowed(stretches(tokens))
    return Fingerprint(
        picked.seeds,
        picked.places,
        detail=detail(tokens),
        lines=_lines(tokens, source.count("\n") + 1),
    )


def detail(tokens: Tokens) -> Detail:
    """Pack each token in 16 bits: its symbol, and a little of how it is written."""
    mask = (1 << NAME_BITS) - 1
    return (tokens.symbols << NAME_BITS | tokens.names & mask).astype(np.uint16)


def symbols(packed: Detail) -> Detail:
    """Give the symbol of each packed token."""
    return np.right_shift(packed, np.uint16(NAME_BITS))


def stretches(tokens: Tokens) -> Stretches:
    """Hash every stretch that tells something."""
    count = len(tokens) - SEED + 1
    if count <= 0:
        return Stretches(np.zeros(0, np.uint32), np.zeros(0, np.uint32))
    back = _distance_back(tokens)
    plain = _SCATTERED[tokens.symbols]
    again = _SCATTERED[_AGAIN + np.minimum(back, SEED)]
    hashes = np.zeros(count, np.uint64)
    for offset in range(SEED):
        part = slice(offset, offset + count)
        hashes *= _FACTOR
        hashes += np.where(back[part] <= offset, again[part], plain[part])
    hashes ^= hashes >> np.uint64(29)
    hashes *= _FACTOR
    telling = np.concatenate([[0], np.cumsum(~np.isin(tokens.symbols, _COMMON))])
    told = np.flatnonzero(telling[SEED:] - telling[:-SEED] >= _TELLING)
    return Stretches((hashes[told] >> np.uint64(32)).astype(np.uint32), told.astype(np.uint32))


def winnowed(every: Stretches) -> Stretches:
    """Keep the least of each window of stretches, the last of those that are alike."""
    count = len(every.seeds)
    if count <= WINDOW:
        return every
    ranked = (_mixed(every.seeds) << np.uint64(32)) | (np.arange(count, 0, -1).astype(np.uint64))
    windows = np.lib.stride_tricks.sliding_window_view(ranked, WINDOW)
    kept = np.unique(windows.argmin(axis=1) + np.arange(len(windows)))
    return Stretches(every.seeds[kept], every.places[kept])


_AGAIN = 256
"""Where the hashes of names that were used before begin, by how far back."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SCATTERED: NDArray[np.uint64] = np.random.default_rng(20_031).integers(
    0, 2**64, _AGAIN + SEED + 1, dtype=np.uint64
)
_NAMED = np.array([IDENTIFIER, OTHER])
_COMMON = np.array([IDENTIFIER, NUMBER, STRING, OTHER, SYMBOLS[","], SYMBOLS["."], SYMBOLS["-"]])


def _mixed(seeds: Seeds) -> NDArray[np.uint64]:
    """Order seeds otherwise than by their value, which is spread over the shards of an index."""
    return seeds.astype(np.uint64) * np.uint64(2_654_435_761) & np.uint64(0xFFFFFFFF)


def _distance_back(tokens: Tokens) -> Numbers:
    """Tell for each name how many tokens ago it was last used; a large number for all else."""
    back = np.full(len(tokens), len(tokens) + SEED, np.int64)
    used = np.flatnonzero(np.isin(tokens.symbols, _NAMED))
    order = used[np.argsort(tokens.names[used], kind="stable")]
    same = np.flatnonzero(tokens.names[order[1:]] == tokens.names[order[:-1]]) + 1
    back[order[same]] = order[same] - order[same - 1]
    return back


def _lines(tokens: Tokens, count: int) -> Places:
    """Give the number of the first token on or behind each line, by lines."""
    return np.searchsorted(tokens.lines, np.arange(1, count + 1)).astype(np.uint32)
