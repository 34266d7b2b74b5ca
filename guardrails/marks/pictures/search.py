"""Where a mark lies in a picture: at its own scale first, then over scales and angles.

The statistic is how well the waves to be found by agree. Their phases are drawn from a secret, so
that without the mark every place is a sum of chances, whatever the picture is: its tail is no
heavier than a normal one. A p-value is that tail times the number of places that were looked at,
and of those that looking closer might have led to: which of them it is led to depends on the key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

import numpy as np

from guardrails.marks.pictures.folding import UPRIGHT, Pose, White, evened, folded
from guardrails.marks.pictures.pattern import (
    COLUMNS,
    ROWS,
    TILE,
    Floats,
    Pattern,
    Places,
    Waves,
    plane_of,
)

_ALL_WAYS = tuple(range(8))
_BOTH_WAYS = (0, 4)
"""Quarter turns, and 4 more for the mirror image."""
_SCALES = (0.42, 1.6)
_TURNED_SCALES = (0.66, 1.22)
_ANGLES = 11.0
_SCALE_STEP = 0.012
_TURNED_SCALE_STEP = 0.018
_ANGLE_STEP = 1.1
_CANDIDATES = 8
_HALVINGS = 3
_REACHED: int = 5**_HALVINGS
"""Places that looking closer leads to, at most: at each step to one of four, or nowhere."""
_SIGNS = 6
"""What may come out by chance: a place of each of three grids, as it is or looked at closer."""
_PARTS = np.arange(-0.75, 1, 0.25)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pattern fits: which one, how well, and how the picture lies to it.

    ``first`` is how well it did before it was looked at closer, ``among`` how many places there
    were in its grid.
    """

    pattern: Pattern
    z: float
    pose: Pose
    way: int
    row: float
    column: float
    first: float
    among: int = 1


class Search:
    """Looks through one picture, or the frames of one."""

    def __init__(self, whites: Sequence[White], patterns: Sequence[Pattern]) -> None:
        self._whites = whites
        self._patterns = patterns

    def first(self) -> Place:
        """Look at the picture as it is, turned by quarters, and mirrored."""
        [place] = self._grid([UPRIGHT], _ALL_WAYS)
        return place

    def everywhere(self, enough: float) -> tuple[Place, ...]:
        """Look over scales and angles until a p-value is small enough; best first."""
        found: list[Place] = []
        for poses in (_scales_or_angles(), _scales_and_angles()):
            places = self._grid(list(poses), _BOTH_WAYS)
            found += [self.refined(place) for place in places[:_CANDIDATES]]
            found.sort(key=_badness)
            if min(map(p_value, found)) < enough:
                break
        return tuple(found[:_CANDIDATES])

    def refined(self, place: Place) -> Place:
        """Look closer around a place."""
        scale, angle = _SCALE_STEP / 2, _ANGLE_STEP / 2
        best = place
        for _ in range(_HALVINGS):
            around = [self._at(pose, (place.way,)) for pose in _around(best.pose, scale, angle)]
            best = min(best, *around, key=_badness)
            scale, angle = scale / 2, angle / 2
        return replace(best, first=place.first, among=place.among)

    def waves(self, place: Place) -> Waves:
        """Give the waves as they were pushed, with noise."""
        waves = evened(_seen(self._tile(place.pose), place.way)) * place.pattern.turns
        return _sharpest(waves, place)

    def _grid(self, poses: Sequence[Pose], ways: Sequence[int]) -> list[Place]:
        """Give the best place of each pose, best first."""
        among = len(poses) * len(ways) * len(self._patterns) * TILE * TILE
        places = [replace(self._at(pose, ways), among=among) for pose in poses]
        return sorted(places, key=_badness)

    def _at(self, pose: Pose, ways: Sequence[int]) -> Place:
        tile = self._tile(pose)
        seen = [(way, evened(_seen(tile, way))) for way in ways]
        return min(
            (_fit(waves, one, pose, way) for way, waves in seen for one in self._patterns),
            key=_badness,
        )

    def _tile(self, pose: Pose) -> Floats:
        tiles = [folded(white, pose) for white in self._whites]
        return np.asarray(np.sum(tiles, axis=0), np.float32)


def p_value(place: Place) -> float:
    """Give the chance that any place fits so well without a mark."""
    tails = (_tail(place.first), _tail(place.z) * _REACHED)
    return min(1.0, _SIGNS * place.among * min(tails))


def _tail(z: float) -> float:
    return erfc(z / sqrt(2)) / 2


def _badness(place: Place) -> float:
    return -place.z


def _seen(tile: Floats, way: int) -> Floats:
    quarter = np.rot90(tile, way & 3)
    return quarter[:, ::-1] if way & 4 else quarter


def _fit(waves: Waves, pattern: Pattern, pose: Pose, way: int) -> Place:
    """Correlate with the waves to be found by, wherever the tile may begin."""
    at = pattern.found_by
    turned = waves[at] * pattern.turns[at]
    fits = plane_of(turned, ROWS[at], COLUMNS[at])
    row, column = divmod(int(fits.argmax()), TILE)
    usual = sqrt(2 * float((turned.real**2 + turned.imag**2).sum())) / TILE**2
    z = float(fits[row, column]) / max(usual, 1e-12)
    return Place(pattern, z, pose, way, row, column, first=z)


def _sharpest(waves: Waves, place: Place) -> Waves:
    """Shift by parts of a pixel until the waves to be found by agree best."""
    at = place.pattern.found_by
    shifts = [(place.row + row, place.column + column) for row in _PARTS for column in _PARTS]
    best = max(
        shifts,
        key=lambda shift: float((waves[at] * _moved(ROWS[at], COLUMNS[at], *shift)).real.sum()),
    )
    return np.asarray(waves * _moved(ROWS, COLUMNS, *best), np.complex64)


def _moved(rows: Places, columns: Places, down: float, across: float) -> Waves:
    turns = np.exp(2j * np.pi / TILE * (rows * down + columns * across))
    return np.asarray(turns, np.complex64)


def _scales_or_angles() -> Iterator[Pose]:
    yield from (Pose(angle=angle) for angle in _angles(1.0))
    yield from (Pose(scale) for scale in _scales(*_SCALES, _SCALE_STEP))


def _scales_and_angles() -> Iterator[Pose]:
    for scale in _scales(*_TURNED_SCALES, _TURNED_SCALE_STEP):
        yield from (Pose(scale, angle) for angle in _angles(scale))


def _scales(low: float, high: float, step: float) -> Iterator[float]:
    while low < high:
        yield low
        low += step * max(1.0, low)


def _angles(scale: float) -> Iterator[float]:
    """The smaller the part of a picture, the less an angle matters."""
    step = _ANGLE_STEP / min(scale, 1.0)
    whole = int(_ANGLES / step)
    yield from (number * step for number in range(-whole, whole + 1))


def _around(pose: Pose, scale: float, angle: float) -> Iterator[Pose]:
    for sign in (-1, 1):
        yield replace(pose, scale=pose.scale + sign * scale)
        yield replace(pose, angle=pose.angle + sign * angle)
