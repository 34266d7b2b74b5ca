"""Visible marks of third parties: which logos of a registry stand in a picture, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from guardrails.core.finding import Region
from guardrails.models.pixels import decode
from guardrails.works.pictures.features import Features, features
from guardrails.works.pictures.fingerprints import PIXELS, pixels_of
from guardrails.works.pictures.geometry import laid
from guardrails.works.pictures.opencv import (
    Floats,
    Pixels,
    correlated,
    edges,
    grey,
    resized,
    within,
)
from guardrails.works.pictures.regions import WHOLE, place
from guardrails.works.pictures.scoring import of_edges, of_features

SIDE = 640
"""Pixels that a picture's longer side has at most, when marks are looked for."""
_SMALL, _COARSE, _CLOSE = 56, 88, 128
"""Pixels along the longer side of a mark: at the first look, if small or not, and at the second."""
_LARGER = 0.2
"""A share from which on a mark is not small."""
_SHARES = tuple(float(share) for share in np.geomspace(0.08, 0.9, 22))
"""Of the picture's longer side that a mark may take."""
_STRETCHES = (0.92, 0.96, 1.0, 1.04, 1.08)
_LIKELY = 2
"""Places of each size that get a second look."""
_FAINT = 2.0
_BLUR = 1.0
_AROUND = 0.2
_LARGE = 320
_FINER = 1.2
"""How much larger than it is a picture may be made, to find marks that are small in it."""
_SMALLEST = 16
_MARK_FEATURES, _FEATURES = 300, 1500


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A logo or watermark on plain ground, and whose it is."""

    name: str
    owner: str
    picture: Pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """A mark in a picture: P(it is there), where, and how it was found."""

    mark: str
    owner: str
    score: float
    where: Region
    how: str


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    mark: Mark
    features: Features
    small: Floats
    coarse: Floats
    close: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Edges of a picture at ``scale``, to look for small marks in or for others."""

    scale: float
    edges: Floats
    small: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """How well a mark fits, how well it does by chance, and its box in pixels of the picture."""

    fit: float
    usual: float
    left: float
    top: float
    width: float
    height: float


def mark(name: str, owner: str, picture: bytes) -> Mark:
    """Read the picture file of a mark, what can be seen through as white.

    Raises:
        ContentError: it is no picture, damaged, or of more than 100 million pixels.
    """
    return Mark(name, owner, pixels_of(decode(picture, pixels=PIXELS, most=1).frames[0]))


class MarkFinder:
    """Looks for the marks of a registry: by local features when turned, by edges when faint."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._known = [_known(one) for one in marks]

    def find(self, rgb: Pixels) -> Sequence[Seen]:
        """Tell for each mark where it most likely is, surest first; most scores are near zero."""
        if min(rgb.shape[:2]) < _SMALLEST:
            return ()
        picture = grey(within(rgb, SIDE))
        subject = features(rgb, _FEATURES)
        levels = list(_levels(picture))
        found = [
            max(_by_edges(known, picture, levels), _by_features(known, subject), key=_score)
            for known in self._known
        ]
        return sorted(found, key=lambda seen: (-seen.score, seen.mark))


def _score(seen: Seen) -> float:
    return seen.score


def _known(mark: Mark) -> _Known:
    plain = grey(mark.picture)
    room = np.pad(plain, max(plain.shape) // 8, mode="edge")
    large = np.repeat(_sized(room, _LARGE)[:, :, None], 3, axis=2)
    templates = (edges(_sized(plain, side), _BLUR) for side in (_SMALL, _COARSE, _CLOSE))
    return _Known(mark, features(large, _MARK_FEATURES), *templates)


def _sized(picture: Pixels, side: float) -> Pixels:
    height, width = picture.shape
    scale = side / max(height, width)
    return resized(picture, (max(1, round(width * scale)), max(1, round(height * scale))))


def _levels(picture: Pixels) -> Iterator[_Level]:
    """Edges of a picture, scaled so that a mark of each share has the size of the first look."""
    longer = max(picture.shape)
    for share in _SHARES:
        small = share < _LARGER
        side = (_SMALL if small else _COARSE) / share
        if side < longer * _FINER:
            yield _Level(side / longer, edges(_sized(picture, side), _BLUR), small)


def _by_edges(known: _Known, picture: Pixels, levels: Sequence[_Level]) -> Seen:
    likely = _likely(known, levels)
    close = [spot for one in likely if (spot := _closer(known, picture, one))]
    if not close:
        return Seen(known.mark.name, known.mark.owner, 0.0, WHOLE, "")
    best = max(close, key=lambda spot: spot.fit)
    height, width = picture.shape
    box = (best.left, best.top, best.left + best.width, best.top + best.height)
    shares = np.clip(np.array(box) / (width, height, width, height), 0, 1)
    where = Region(*map(float, shares))
    return Seen(
        known.mark.name, known.mark.owner, of_edges(best.fit, best.usual), where, "its outline"
    )


def _likely(known: _Known, levels: Sequence[_Level]) -> list[_Spot]:
    """The best places for a small mark and for a larger one, which are no match for each other."""
    likely: list[_Spot] = []
    for small, template in ((True, known.small), (False, known.coarse)):
        spots = [_spot(one.edges, template, one.scale) for one in levels if one.small == small]
        likely += sorted(filter(None, spots), key=lambda spot: -spot.fit)[:_LIKELY]
    return likely


def _spot(level: Floats, template: Floats, scale: float) -> _Spot | None:
    """Where a template fits best; ``scale`` is that of the level beside the picture."""
    height, width = template.shape[:2]
    if level.shape[0] < height or level.shape[1] < width:
        return None
    fits = correlated(level, template, _FAINT)
    top, left = np.unravel_index(int(fits.argmax()), fits.shape)
    fit, usual = float(fits[top, left]), float(fits.std())
    return _Spot(fit, usual, left / scale, top / scale, width / scale, height / scale)


def _closer(known: _Known, picture: Pixels, spot: _Spot) -> _Spot | None:
    """Look again at one place, at a higher resolution and in several sizes."""
    margin = _AROUND * max(spot.width, spot.height)
    left, top = max(0, round(spot.left - margin)), max(0, round(spot.top - margin))
    right, bottom = (
        round(end + margin) for end in (spot.left + spot.width, spot.top + spot.height)
    )
    part = picture[top:bottom, left:right]
    own = max(spot.width, spot.height)
    spots = []
    for stretch in _STRETCHES:
        scale = _CLOSE / (own * stretch)
        level = edges(_sized(part, scale * max(part.shape)), _BLUR)
        found = _spot(level, known.close, scale)
        if found:
            left_, top_ = found.left + left, found.top + top
            spots.append(replace(found, usual=spot.usual, left=left_, top=top_))
    return max(spots, key=lambda one: one.fit, default=None)


def _by_features(known: _Known, subject: Features) -> Seen:
    how = laid(subject, known.features)
    if how is None:
        return Seen(known.mark.name, known.mark.owner, 0.0, WHOLE, "")
    there = place(how, subject, known.features, mirrored=False)
    score = of_features(how)
    return Seen(known.mark.name, known.mark.owner, score, there.where, "its features")
