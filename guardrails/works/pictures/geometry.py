"""Does a work lie in a subject, and where: matched features that agree on one affine map. Pure."""

from dataclasses import dataclass

import numpy as np

from guardrails.works.pictures.features import Features
from guardrails.works.pictures.opencv import Floats, Indices, Truths

_CLEAR = 0.9
"""Of the second nearest feature's distance, at most: else a match says nothing."""
_ALIKE = 0.8
"""Cosine of two features that may be one."""
_SURE = 0.85
_MOST = 400
_FEWEST = 3
_ROUNDS = 3
_HYPOTHESES = 200
_TURN, _GROWTH = 25.0, 0.5
"""Degrees and octaves that the poses of matched features may be off."""
_SMALLEST, _LARGEST = 1 / 16, 16.0
"""Of a side in the subject beside that of the work."""
_ENOUGH = 6
_ROOM = (2.5, 8.0)
"""Pixels that a feature may be off, the larger ones more."""
_SKEWED = 2.5
"""Singular values of a map: how much more it may stretch one way than the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """How a work lies in a subject.

    ``matrix`` (2, 3) takes pixels of the work to pixels of the subject. ``work`` and ``subject``
    are rows of features that are the same, ``visible`` counts the features of the work that
    could have been found again, and ``alike`` is the mean cosine of those that were.
    """

    matrix: Floats
    work: Indices
    subject: Indices
    visible: int
    alike: float


def laid(subject: Features, work: Features) -> Laid | None:
    """Find the map on which most features agree; None when there is no such map."""
    if min(len(subject), len(work)) < _FEWEST:
        return None
    cosines = _cosines(work, subject)
    of_work, of_subject = _matches(cosines)
    matrix = _agreed(work.points[of_work], subject.points[of_subject])
    if matrix is None:
        return None
    pairs = np.divmod(np.flatnonzero(cosines > _SURE), len(subject))
    for _ in range(_ROUNDS):
        of_work, of_subject = _guided(matrix, work, subject, pairs, cosines)
        matrix = _fitted(work.points[of_work], subject.points[of_subject], matrix)
    of_work, of_subject = _guided(matrix, work, subject, pairs, cosines)
    if not len(of_work):
        return None
    alike = float(cosines[of_work, of_subject].mean())
    return Laid(matrix, of_work, of_subject, _visible(matrix, work, subject, of_work), alike)


def _visible(matrix: Floats, work: Features, subject: Features, found: Indices) -> int:
    """Count features of a work that would be in the subject, and large enough to be found there."""
    places = mapped(matrix, work.points[:, :2])
    inside = (places > 0).all(axis=1) & (places < (subject.width, subject.height)).all(axis=1)
    inside &= work.points[:, 2] * _growth(matrix) > subject.points[:, 2].min()
    inside[found] = True
    return int(inside.sum())


def _cosines(work: Features, subject: Features) -> Floats:
    """Cosines of all features of one with all of the other."""
    ours, theirs = (one.descriptors.astype(np.float32) for one in (work, subject))
    ours /= np.maximum(np.linalg.norm(ours, axis=1, keepdims=True), 1)
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1)
    result: Floats = ours @ theirs.T
    return result


def _matches(cosines: Floats) -> tuple[Indices, Indices]:
    """Match features whose nearest is clearly nearer than the next, seen from either side."""
    one, other = _nearest(cosines), _nearest(np.ascontiguousarray(cosines.T))
    both = np.unique(np.concatenate([one, other[:, ::-1]]), axis=0)
    surest = np.argsort(-cosines[both[:, 0], both[:, 1]], kind="stable")[:_MOST]
    return both[surest, 0], both[surest, 1]


def _nearest(table: Floats) -> Indices:
    """Give rows with the columns of their nearest, where there is no other as near."""
    rows, nearest = np.arange(len(table)), np.argmax(table, axis=1)
    first = table[rows, nearest]
    alike = np.flatnonzero(first > _ALIKE)
    rest = table[alike]
    rest[np.arange(len(alike)), nearest[alike]] = -1
    clear = alike[(1 - first[alike]) < _CLEAR**2 * (1 - rest.max(axis=1))]
    pairs: Indices = np.stack([rows[clear], nearest[clear]], axis=1)
    return pairs


def _agreed(work: Floats, subject: Floats) -> Floats | None:
    """Let every match propose how the work lies, and take what most matches agree on."""
    if len(work) < _FEWEST:
        return None
    turn = np.deg2rad(subject[:, 3] - work[:, 3])
    scale = subject[:, 2] / work[:, 2]
    cosine, sine = (np.cos(turn) * scale)[:, None], (np.sin(turn) * scale)[:, None]
    x, y = work[:, 0], work[:, 1]
    rows = slice(0, _HYPOTHESES)
    shift = subject[:, :2] - np.stack(
        [cosine[:, 0] * x - sine[:, 0] * y, sine[:, 0] * x + cosine[:, 0] * y], axis=1
    )
    across = cosine[rows] * x - sine[rows] * y + shift[rows, :1] - subject[:, 0]
    down = sine[rows] * x + cosine[rows] * y + shift[rows, 1:] - subject[:, 1]
    reach = np.hypot(x[None] - x[rows, None], y[None] - y[rows, None]) * scale[rows, None]
    near = across**2 + down**2 < (4 + 0.08 * reach) ** 2
    near &= np.abs(np.log2(scale)[None] - np.log2(scale)[rows, None]) < _GROWTH
    near &= np.abs(_angle(np.rad2deg(turn)[None] - np.rad2deg(turn)[rows, None])) < _TURN
    votes = _distinct(near, subject)
    best = int(votes.argmax())
    if votes[best] < _FEWEST:
        return None
    a, b = cosine[best, 0], sine[best, 0]
    alone = np.array([[a, -b, shift[best, 0]], [b, a, shift[best, 1]]], np.float32)
    return _fitted(work[near[best]], subject[near[best]], alone)


def _distinct(near: Truths, subject: Floats) -> Indices:
    """Count places of the subject, not matches: one place with many matches proves little."""
    _, place = np.unique(np.rint(subject[:, :2] / 2), axis=0, return_inverse=True)
    counts = np.zeros((len(near), int(place.max()) + 1), np.bool_)
    row, column = np.nonzero(near)
    counts[row, place.ravel()[column]] = True
    result: Indices = counts.sum(axis=1)
    return result


def _fitted(work: Floats, subject: Floats, before: Floats) -> Floats:
    """Fit a map by least squares: affine where there are places enough, else a similarity.

    Keeps the one ``before`` where neither is plausible.
    """
    places = min(len(np.unique(np.rint(one[:, :2]), axis=0)) for one in (work, subject))
    if places >= _ENOUGH and _plausible(matrix := _affine(work, subject)):
        return matrix
    if places > 1 and _plausible(matrix := _similarity(work, subject)):
        return matrix
    return before


def _affine(work: Floats, subject: Floats) -> Floats:
    columns = np.column_stack([work[:, :2], np.ones(len(work))]).astype(np.float64)
    solved = np.linalg.lstsq(columns, subject[:, :2].astype(np.float64), rcond=None)[0]
    return solved.T.astype(np.float32)


def _similarity(work: Floats, subject: Floats) -> Floats:
    x, y = work[:, :2].T.astype(np.float64)
    one, none = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
    a, b, c, d = np.linalg.lstsq(rows, subject[:, :2].T.ravel().astype(np.float64), rcond=None)[0]
    return np.array([[a, -b, c], [b, a, d]], np.float32)


def _plausible(matrix: Floats) -> bool:
    large, small = np.linalg.svd(matrix[:, :2], compute_uv=False)
    turned = np.linalg.det(matrix[:, :2]) > 0
    return bool(turned and _SMALLEST < small <= large < _LARGEST and large < small * _SKEWED)


def _guided(
    matrix: Floats,
    work: Features,
    subject: Features,
    pairs: tuple[Indices, ...],
    cosines: Floats,
) -> tuple[Indices, Indices]:
    """Match again, knowing where each feature must be: the nearest in kind of those close by."""
    ours, theirs = work.points[pairs[0]], subject.points[pairs[1]]
    growth = _growth(matrix)
    turn = np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0]))
    off = mapped(matrix, ours[:, :2]) - theirs[:, :2]
    fits = (off**2).sum(axis=1) < np.clip(0.5 * ours[:, 2] * growth, *_ROOM) ** 2
    fits &= np.abs(np.log2(theirs[:, 2] / (ours[:, 2] * growth))) < _GROWTH
    fits &= np.abs(_angle(theirs[:, 3] - ours[:, 3] - turn)) < _TURN
    return _one_to_one(pairs[0][fits], pairs[1][fits], cosines)


def _one_to_one(work: Indices, subject: Indices, cosines: Floats) -> tuple[Indices, Indices]:
    """Keep the likest partner of each."""
    for _ in range(2):
        order = np.argsort(-cosines[work, subject], kind="stable")
        _, first = np.unique(work[order], return_index=True)
        kept = order[first]
        work, subject = subject[kept], work[kept]
        cosines = cosines.T
    return work, subject


def mapped(matrix: Floats, places: Floats) -> Floats:
    """Take places (n, 2) through a map (2, 3)."""
    result: Floats = places @ matrix[:, :2].T + matrix[:, 2]
    return result


def _growth(matrix: Floats) -> float:
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def _angle(degrees: Floats) -> Floats:
    result: Floats = (degrees + 180) % 360 - 180
    return result
