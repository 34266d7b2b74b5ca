"""Which part of a subject is which part of a work, and in which words a person is told. Pure."""

from dataclasses import dataclass

import numpy as np

from guardrails.core.finding import Region
from guardrails.works.pictures.features import Features
from guardrails.works.pictures.geometry import Laid, mapped
from guardrails.works.pictures.opencv import Floats, Truths

WHOLE = Region(0.0, 0.0, 1.0, 1.0)
_GRID = 41
_NEARLY = 0.97
_OUTSIDE = 8
"""Features that must be missing around the matched ones before the part is taken to end there."""
_STRAIGHT = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy lies in the subject and in the work, and how."""

    where: Region
    region: Region
    how: str


def place(laid: Laid, subject: Features, work: Features, *, mirrored: bool) -> Place:
    """Tell the place of a work in a subject, whose features were seen in a mirror or not."""
    grid = _grid(_matched_box(laid, subject, work))
    places = mapped(laid.matrix, grid)
    inside = _inside(places, subject)
    if not inside.any():
        inside[:] = True
    where = _region(places[inside], subject)
    region = _region(grid[inside], work)
    if mirrored:
        where = Region(1 - where.right, where.top, 1 - where.left, where.bottom)
    return Place(where, region, _how(laid, region, mirrored=mirrored))


def area(region: Region) -> float:
    """Share of the picture that a region is."""
    return (region.right - region.left) * (region.bottom - region.top)


def _matched_box(laid: Laid, subject: Features, work: Features) -> Floats:
    """The part of a work that is there: what is visible, unless the matched ends well before."""
    points = work.points[laid.work]
    margin = points[:, 2:3].clip(0, 0.1 * max(work.width, work.height))
    low, high = (points[:, :2] - margin).min(axis=0), (points[:, :2] + margin).max(axis=0)
    places = work.points[:, :2]
    visible = _inside(mapped(laid.matrix, places), subject)
    outside = visible & ((places < low) | (places > high)).any(axis=1)
    if outside.sum() < max(_OUTSIDE, len(laid.work) / 4):
        low, high = np.zeros(2), np.array([work.width, work.height])
    box: Floats = np.stack([low, high]).clip(0, (work.width, work.height)).astype(np.float32)
    return box


def _grid(box: Floats) -> Floats:
    x, y = (np.linspace(box[0, axis], box[1, axis], _GRID) for axis in (0, 1))
    grid: Floats = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2).astype(np.float32)
    return grid


def _inside(places: Floats, picture: Features) -> Truths:
    inside = (places >= -1) & (places <= (picture.width, picture.height))
    return np.asarray(inside.all(axis=1), np.bool_)


def _region(places: Floats, picture: Features) -> Region:
    shares = (places / (picture.width, picture.height)).clip(0, 1)
    low, high = shares.min(axis=0), shares.max(axis=0)
    return Region(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _how(laid: Laid, region: Region, *, mirrored: bool) -> str:
    words = ["the same picture" if area(region) > _NEARLY**2 else "a part of it"]
    if mirrored:
        words.append("mirrored")
    degrees = round(float(np.rad2deg(np.arctan2(laid.matrix[1, 0], laid.matrix[0, 0]))))
    if abs(degrees) >= _STRAIGHT:
        words.append(f"rotated by {abs(degrees)} degrees")
    return ", ".join(words)
