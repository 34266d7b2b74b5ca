"""From hits in the index to the few works that are worth a close look. Pure, and all in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.works.fingerprint import Hits
from guardrails.works.pictures.features import SIDE, Features
from guardrails.works.pictures.opencv import Floats, Indices, Truths
from guardrails.works.pictures.poses import Poses, unpack

_TURNS, _GROWTHS, _CELLS = 16, 16, 64
"""Bins: of a turn, of growth in half octaves, and along each side of a plane without an end."""
_CELL = SIDE / 8
_FEWEST = 2
_CHANCE, _BY_CHANCE = 3, 3
"""Works with so few votes are many by chance: no more of them than this are worth a look."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work, whether the subject was seen in a mirror, and how many features agree on the way."""

    work: int
    mirrored: bool
    votes: int


def candidates(hits: Hits, seen: Sequence[Features], probes: int, limit: int) -> list[Candidate]:
    """Rank works by the features that agree on how the work is turned, scaled and moved.

    ``hits.seed`` counts the ``probes`` words of each feature: of the picture, then in a mirror.
    """
    seed = hits.seed.astype(np.int64) // probes
    key = hits.work.astype(np.int64) * 2 + (seed >= len(seen[0]))
    often = _often(key)
    seed, key, place = seed[often], key[often], hits.place[often]
    if not len(key):
        return []
    bins = _bins(_at(seen, seed), unpack(place))
    owner, votes = _votes(key, bins, seed)
    best = np.lexsort((owner, -votes))[:limit]
    best = best[(votes[best] > _CHANCE) | (np.arange(len(best)) < _BY_CHANCE)]
    return [Candidate(int(owner[at]) // 2, bool(owner[at] % 2), int(votes[at])) for at in best]


def _often(key: Indices) -> Truths:
    _, group, count = np.unique(key, return_inverse=True, return_counts=True)
    often: Truths = (count >= _FEWEST)[group]
    return often


def _at(seen: Sequence[Features], seed: Indices) -> Poses:
    x, y, size, angle = np.concatenate([one.points for one in seen])[seed].T
    return Poses(x, y, np.log2(np.maximum(size, 1)), angle)


def _bins(subject: Poses, work: Poses) -> Floats:
    """Tell how each hit would lay the work: turn, growth, and where its middle comes to lie."""
    turn, growth = (subject.angle - work.angle) % 360, subject.size - work.size
    radians, scale = np.deg2rad(turn), 2**growth
    across, down = (SIDE / 2 - work.x) * scale, (SIDE / 2 - work.y) * scale
    x = subject.x + np.cos(radians) * across - np.sin(radians) * down
    y = subject.y + np.sin(radians) * across + np.cos(radians) * down
    cell = _CELL * np.maximum(1, 2 * scale)  # what is laid larger is laid less exactly
    return np.stack([turn * _TURNS / 360, growth * 2 + _GROWTHS / 2, x / cell, y / cell], axis=1)


def _votes(key: Indices, bins: Floats, seed: Indices) -> tuple[Indices, Indices]:
    """Count features, not hits, in the fullest bin of each work; bins lie at two places each."""
    fullest = []
    for shift in (0.0, 0.5):
        cells = np.floor(bins + shift).astype(np.int64)
        cells[:, 0] %= _TURNS
        cells[:, 1] = cells[:, 1].clip(0, _GROWTHS - 1)
        cells[:, 2:] %= _CELLS
        sizes = (_TURNS, _GROWTHS, _CELLS, _CELLS)
        full = key * np.prod(sizes) + np.ravel_multi_index(tuple(cells.T), sizes)
        order = np.lexsort((seed, full))
        full, feature = full[order], seed[order]
        new = (np.diff(full, prepend=-1) != 0) | (np.diff(feature, prepend=-1) != 0)
        bin_, count = np.unique(full[new], return_counts=True)
        fullest.append((bin_ // np.prod(sizes), count))
    owner = np.concatenate([one for one, _ in fullest])
    count = np.concatenate([one for _, one in fullest])
    order = np.lexsort((-count, owner))
    first = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return owner[order][first], count[order][first]
