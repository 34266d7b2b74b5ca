"""What the fingerprints of many works are together, before they are packed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Fingerprint, Places, Seeds
from guardrails.works.stores import postings, scanning

Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """What works must share to lie in one segment.

    ``width`` is the second dimension of detail, 0 where it has one; ``vector`` the length of the
    vector, 0 where there is none.
    """

    width: int
    vector: int
    hashed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Works one behind the other; ``spans``, ``rows`` and ``breaks`` count what each has.

    A work has ``spans`` places that seeds can stand at, ``rows`` of detail (as many, unless a
    seed stands behind the end) and ``breaks`` lines. ``places`` count on from work to work.
    """

    shape: Shape
    numbers: Places
    spans: Counts
    rows: Counts
    breaks: Counts
    mixed: Seeds
    places: Places
    detail: NDArray[np.uint16]
    lines: Places
    vectors: scanning.Whole
    signs: scanning.Bits
    hashes: scanning.Bits


def shape_of(fingerprint: Fingerprint) -> Shape:
    """Tell what a fingerprint shares with others of its kind."""
    detail = fingerprint.detail
    width = detail.shape[1] if detail.ndim > 1 else 0
    return Shape(width, len(fingerprint.vector), bool(fingerprint.hash))


def gathered(shape: Shape, works: Sequence[tuple[int, Fingerprint]]) -> Parts:
    """Lay the fingerprints of numbered works, all of one shape, one behind the other."""
    each = [fingerprint for _, fingerprint in works]
    rows = _counts(len(one.detail) for one in each)
    reach = _counts(int(one.places.max()) + 1 if len(one.places) else 0 for one in each)
    spans = np.maximum(rows, reach)
    vectors = np.stack([one.vector for one in each]).astype(np.float32)
    starts = np.cumsum(spans) - spans
    return Parts(
        shape,
        np.array([number for number, _ in works], np.uint32),
        spans,
        rows,
        _counts(len(one.lines) for one in each),
        postings.mix(np.concatenate([one.seeds for one in each]).astype(np.uint32)),
        np.concatenate([one.places for one in each]).astype(np.uint32)
        + np.repeat(starts, [len(one.seeds) for one in each]).astype(np.uint32),
        np.concatenate([one.detail for one in each]).astype(np.uint16),
        np.concatenate([one.lines for one in each]).astype(np.uint32),
        scanning.whole(vectors),
        scanning.signs(vectors) if shape.vector else np.zeros((0, 0), np.uint64),
        scanning.words([one.hash for one in each]) if shape.hashed else np.zeros((0, 0), np.uint64),
    )


def joined(many: Sequence[Parts]) -> Parts:
    """Lay parts, all of one shape, one behind the other."""
    spans = [int(one.spans.sum()) for one in many]
    starts = np.cumsum([0, *spans[:-1]]).astype(np.uint32)
    return Parts(
        many[0].shape,
        numbers=_all(many, "numbers"),
        spans=_all(many, "spans"),
        rows=_all(many, "rows"),
        breaks=_all(many, "breaks"),
        mixed=_all(many, "mixed"),
        places=np.concatenate(
            [one.places + start for one, start in zip(many, starts, strict=True)]
        ),
        detail=_all(many, "detail"),
        lines=_all(many, "lines"),
        vectors=_all(many, "vectors"),
        signs=_all(many, "signs", axis=1),
        hashes=_all(many, "hashes", axis=1),
    )


def without(parts: Parts, numbers: frozenset[int]) -> Parts:
    """Give parts without some of their works."""
    kept = ~np.isin(parts.numbers, np.array(sorted(numbers), np.uint32))
    ends, left = np.cumsum(parts.spans), np.where(kept, parts.spans, 0)
    owner = np.searchsorted(ends, parts.places, side="right")
    stays = kept[owner]
    shift = (ends - parts.spans) - (np.cumsum(left) - left)
    return Parts(
        parts.shape,
        parts.numbers[kept],
        parts.spans[kept],
        parts.rows[kept],
        parts.breaks[kept],
        parts.mixed[stays],
        parts.places[stays] - shift[owner[stays]].astype(np.uint32),
        parts.detail[np.repeat(kept, parts.rows)],
        parts.lines[np.repeat(kept, parts.breaks)],
        parts.vectors[kept],
        parts.signs[:, kept] if parts.shape.vector else parts.signs,
        parts.hashes[:, kept] if parts.shape.hashed else parts.hashes,
    )


def _all(many: Sequence[Parts], name: str, axis: int = 0) -> Any:
    return np.concatenate([getattr(one, name) for one in many], axis=axis)


def _counts(values: Any) -> Counts:
    return np.fromiter(values, np.int64)
