"""Looks into the segments of one collection and kind, all together. Pure."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Hits, Places, Seeds, Vector
from guardrails.works.store import Near, WorksError
from guardrails.works.stores import scanning
from guardrails.works.stores.postings import mix
from guardrails.works.stores.segments import Segment


def hits(segments: Sequence[Segment], seeds: Seeds, most: int) -> Hits:
    """Find seeds; how often each stands is counted over all segments.

    A seed that has turned out to be common is not looked for any further.
    """
    mixed, counts = mix(seeds), np.zeros(len(seeds), np.int64)
    found: list[tuple[Segment, NDArray[np.int64], Places]] = []
    for segment in segments:
        rare = np.flatnonzero(counts <= most)
        here = segment.find(mixed[rare], most)
        counts[rare] += here.counts
        found.append((segment, rare[here.row], here.place))
    rows, works, places = [_NONE], [_NONE], [_NONE]
    for segment, row, place in found:
        wanted = np.flatnonzero(counts[row] <= most)
        if len(wanted):
            work, at = segment.located(place[wanted])
            rows.append(row[wanted].astype(np.uint32))
            works.append(work)
            places.append(at)
    return Hits(np.concatenate(rows), np.concatenate(works), np.concatenate(places))


def near(segments: Sequence[Segment], vector: Vector, limit: int) -> Sequence[Near]:
    """Find the nearest vectors.

    Raises:
        WorksError: the works have vectors of another length: of another model.
    """
    kept = [segment for segment in segments if segment.label.shape.vector]
    for segment in kept:
        if segment.label.shape.vector != len(vector):
            raise WorksError(
                f"works: '{segment.label.collection}' has vectors of "
                f"{segment.label.shape.vector} numbers, not of {len(vector)}: use the model that "
                "it was built with, or import it again"
            )
    if not kept:
        return []
    rows = _shortlist(kept, vector, max(scanning.SHORTLIST, 4 * limit))
    found: list[tuple[float, int]] = []
    for segment, mine in _split(kept, rows):
        cosines = segment.vectors[mine].astype(np.float32) @ (vector * scanning.STEP)
        found += zip(cosines.tolist(), segment.numbers[mine].tolist(), strict=True)
    return [Near(number, cosine) for cosine, number in sorted(found, reverse=True)[:limit]]


def _shortlist(segments: Sequence[Segment], vector: Vector, size: int) -> scanning.Rows:
    """Find rows by half of their signs, of these the best by all; they count over all segments."""
    wanted = scanning.signs(vector[None])
    half = len(wanted) // 2
    halves = [scanning.distances(one.signs[:half], wanted[:half]) for one in segments]
    rows = scanning.shortlist(np.concatenate(halves), 4 * size)
    whole = [segment.signs[:, mine] for segment, mine in _split(segments, rows)]
    apart = scanning.distances(np.concatenate(whole, axis=1), wanted)
    return rows[scanning.shortlist(apart, size)]


def _split(
    segments: Sequence[Segment], rows: scanning.Rows
) -> Iterator[tuple[Segment, scanning.Rows]]:
    """Give the rows of each segment, from those that count over all, in their order."""
    start = 0
    for segment in segments:
        end = start + len(segment.numbers)
        yield segment, rows[(rows >= start) & (rows < end)] - start
        start = end


def alike(
    segments: Sequence[Segment], hashes: Sequence[bytes], within: int
) -> Sequence[tuple[int, int]]:
    """Find pictures by perceptual hash, each by the nearest of several."""
    nearest: dict[int, int] = {}
    wanted = [scanning.words([one]) for one in hashes]
    for segment in segments:
        for one in wanted if segment.label.shape.hashed else ():
            rows, apart = scanning.within(segment.hashes, one, within)
            for number, bits in zip(segment.numbers[rows].tolist(), apart.tolist(), strict=True):
                nearest[number] = min(bits, nearest.get(number, bits))
    return sorted(nearest.items(), key=lambda one: one[1])


_NONE = np.zeros(0, np.uint32)
