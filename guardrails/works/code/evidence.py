"""What aligned tokens tell: renamed copies rename alike, other code does not. Pure.

Evidence is counted in tokens of middling worth: a keyword that agrees counts more than a bracket,
a name that was kept more than one that was replaced everywhere alike, and a name that stands for
several counts against a copy. What the subject says over and over counts once.
"""

from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from guardrails.works.code.dialects import IDENTIFIER, NUMBER, OTHER, STRING, SYMBOLS
from guardrails.works.code.fingerprints import NAME_BITS
from guardrails.works.code.lexing import Numbers, Tokens
from guardrails.works.code.pairs import Pairs
from guardrails.works.fingerprint import Detail
from guardrails.works.passages.aligning import Blocks

Worth: TypeAlias = NDArray[np.float64]

SAME_NAME = 1.6
RENAMED_ONCE = -0.2
RENAMED_ALIKE = 1.2
RENAMED_OTHERWISE = -1.1
SAME_LITERAL = 2.0
OTHER_LITERAL = 0.0
"""What a pair of names or literals is worth; fitted on the standard library, then rounded."""

GAP = 0.5
INSERTED = 0.15
REPLACED = 0.6
MOVED = 2.0
FAR = 0.02
APART = 600
"""What a change costs, and each token that was put in or dropped, or that stands for another."""

_RUN = 6
"""Tokens that are looked at together to see what is said again."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MASK = (1 << NAME_BITS) - 1


def _worth_of_symbols() -> Worth:
    worth: Worth = np.full(1 << (16 - NAME_BITS), 1.6)
    worth[[SYMBOLS[sign] for sign in [*"(),.=:[]{}#*"]]] = 0.9
    worth[[SYMBOLS["declare"], SYMBOLS["type"]]] = 0.9
    worth[[IDENTIFIER, OTHER, NUMBER, STRING]] = 0.0  # these depend on how they are written
    return worth


_WORTH = _worth_of_symbols()


def worth(tokens: Tokens, detail: Detail, pairs: Pairs) -> Worth:
    """Weigh each pair, (n,)."""
    symbols = tokens.symbols[pairs.subject]
    ours = tokens.names[pairs.subject]
    theirs = detail[pairs.work].astype(np.int64) & _MASK
    same = (ours & _MASK) == theirs
    gained = _WORTH[symbols]
    literal = (symbols == NUMBER) | (symbols == STRING)
    gained[literal] = np.where(same[literal], SAME_LITERAL, OTHER_LITERAL)
    named = (symbols == IDENTIFIER) | (symbols == OTHER)
    gained[named] = np.where(same[named], SAME_NAME, _renamed(ours[named], theirs[named]))
    return gained


def _renamed(ours: Numbers, theirs: Numbers) -> Worth:
    """Weigh names by whether one stands for the other wherever either stands."""
    _, pair, together = np.unique(
        ours << NAME_BITS | theirs, return_inverse=True, return_counts=True
    )
    _, our, times = np.unique(ours, return_inverse=True, return_counts=True)
    _, their, others = np.unique(theirs, return_inverse=True, return_counts=True)
    alike = together[pair] * 2 > np.maximum(times[our], others[their])
    return np.where(
        alike, np.where(together[pair] > 1, RENAMED_ALIKE, RENAMED_ONCE), RENAMED_OTHERWISE
    )


def novelty(tokens: Tokens) -> Worth:
    """Give 1 for tokens in a run that the subject has once, a part of it for each time more."""
    count = len(tokens) - _RUN + 1
    if count < 2:  # noqa: PLR2004 - a run that is alone is new
        return np.ones(len(tokens))
    runs = np.zeros(count, np.uint64)
    for offset in range(_RUN):
        runs *= _FACTOR
        runs += tokens.symbols[offset : offset + count].astype(np.uint64)
    _, run, times = np.unique(runs, return_inverse=True, return_counts=True)
    edge = np.zeros(_RUN - 1)
    new: Worth = sliding_window_view(np.concatenate([edge, 1 / times[run], edge]), _RUN).max(axis=1)
    return new


def costs(blocks: Blocks) -> Worth:
    """Tell what lies between each block and the one before it costs; the first has none."""
    here, there = (np.diff(blocks[:, :2], axis=0) - blocks[:-1, 2:]).T
    away = np.abs(there)
    less, more = np.minimum(here, away), np.maximum(here, away)
    edited = np.where(more > 0, GAP, 0.0) + REPLACED * less + INSERTED * (more - less)
    moved = MOVED + FAR * away + INSERTED * here
    cost = np.where(there < 0, moved, np.minimum(edited, moved))
    return np.append(0.0, np.where(away > APART, np.inf, cost))
