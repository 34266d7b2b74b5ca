"""Pictures against an index: fingerprints, look-ups by words, and marks, one core, warm."""

from collections.abc import Sequence

import numpy as np

from benchmarks.measure import Row, median, percentile, rounds
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.pictures.finder import PictureFinder
from guardrails.works.pictures.fingerprints import of_pixels
from guardrails.works.pictures.marks import Mark, MarkFinder
from guardrails.works.pictures.opencv import Pixels, resized
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

WORKS = 3000
REAL = 30
SIDE = 512


def run() -> Sequence[Row]:
    """Time a copy and a picture that is none, 512 pixels wide, among so many works."""
    store = MemoryStore()
    real = [of_pixels(_made(number)) for number in range(REAL)]
    works = [real[number] if number < REAL else _like(real, number) for number in range(WORKS)]
    store.put("all", [(Work(str(at), Kind.IMAGE), one) for at, one in enumerate(works)], "bench")
    finder = PictureFinder(store, "all")
    copy, other = _pasted(_made(3), _made(900)), _made(901)
    marks = MarkFinder([Mark("square", "nobody", _made(77)[:120, :300])])
    assert finder.find(copy)[0].work.id == "3"
    times = rounds(
        {
            "fingerprint": lambda: of_pixels(other),
            "copy": lambda: finder.find(copy),
            "other": lambda: finder.find(other),
            "marks": lambda: marks.find(other),
        },
        times=10,
        warm=1,
    )
    milliseconds = {name: [one / 1e3 for one in taken] for name, taken in times.items()}
    size = sum(_bytes(one) for one in real) / REAL / 1024
    return [
        Row("pictures", "fingerprint of 512 px, p50", median(milliseconds["fingerprint"]), "ms"),
        Row("pictures", "a pasted copy among 3,000, p50", median(milliseconds["copy"]), "ms"),
        Row("pictures", "no copy among 3,000, p50", median(milliseconds["other"]), "ms"),
        Row("pictures", "the same, p90", percentile(milliseconds["other"], 0.9), "ms"),
        Row("pictures", "one mark looked for, p50", median(milliseconds["marks"]), "ms"),
        Row("pictures", "kept of a work", size, "kB"),
    ]


def _made(seed: int) -> Pixels:
    """Patches of all sizes: as many features as a photograph has."""
    chance = np.random.default_rng(seed)
    picture = np.zeros((SIDE * 3 // 4, SIDE, 3), np.float32)
    for cells in (4, 9, 20, 45, 100):
        grid = chance.integers(0, 256, (cells * 3 // 4, cells, 3)).astype(np.uint8)
        picture += resized(grid, (SIDE, SIDE * 3 // 4)) / np.float32(5)
    return picture.astype(np.uint8)


def _pasted(work: Pixels, canvas: Pixels) -> Pixels:
    small = resized(work, (SIDE // 2, SIDE * 3 // 8))
    canvas = canvas.copy()
    canvas[40 : 40 + small.shape[0], 60 : 60 + small.shape[1]] = small
    return canvas


def _like(real: Sequence[Fingerprint], number: int) -> Fingerprint:
    """A work with the features of others, so that its words are as common as theirs."""
    chance = np.random.default_rng(number)
    one = real[number % len(real)]
    other = real[int(chance.integers(len(real)))]
    count = min(len(one.seeds), len(other.seeds))
    seeds = other.seeds[:count] ^ (1 << chance.integers(0, 24, count)).astype(np.uint32)
    return Fingerprint(
        seeds, chance.permutation(other.places[:count]), one.detail, hash=chance.bytes(32)
    )


def _bytes(kept: Fingerprint) -> int:
    return kept.seeds.nbytes + kept.places.nbytes + kept.detail.nbytes + len(kept.hash)
