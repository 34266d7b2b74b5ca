"""From files to examples: what was said, what is known about it, and where it is said."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from text_guard.heads import HEADS, MARKED
from text_guard.sources import PLAIN, SOURCES

WRITTEN = Path(__file__).parent / "written"
SECOND = "written/second/"  # what the source of a second round of writing begins with
CLEAN = 0.1  # at most this toxic: no token of it carries toxicity
DEV_SHARE = 10  # one written pair in so many is kept for development


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the heads that are known for it.

    `marks` are the stretches that carry toxicity; none is not the same as unknown. Examples of one
    `pair` differ by the one thing that matters.
    """

    text: str
    labels: Mapping[str, float]
    source: str
    marks: tuple[tuple[int, int], ...] | None = None
    pair: str | None = None


def read_set(data: Path, name: str, part: str) -> Iterator[Example]:
    """Read the `train` or `dev` part of a set; labels that are no heads of ours are left out."""
    implied = dict.fromkeys((SOURCES | PLAIN)[name].implied, 0.0)
    with gzip.open(data / name / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            labels = {k: float(v) for k, v in row["labels"].items() if k in HEADS}
            if labels or implied:
                yield _example(row, implied | labels, name)


def read_written(part: str) -> Iterator[Example]:
    """Read what was written for this guard; a pair is in one part as a whole."""
    for file in sorted(WRITTEN.glob("**/*.jsonl")):
        name = file.relative_to(WRITTEN).with_suffix("")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            pair = f"{name}/{row.get('pair') or number}"
            if (_bucket(pair) == 0) == (part == "dev"):
                labels = {k: float(v) for k, v in row["labels"].items() if k in HEADS}
                yield _example(row | {"pair": pair}, labels, f"written/{name}")


def _example(row: Mapping, labels: dict[str, float], source: str) -> Example:
    spans = tuple((start, end) for start, end, _ in row.get("spans", ()))
    clean = labels.get(MARKED, 1.0) <= CLEAN
    marks = spans or (() if clean else None)
    return Example(row["text"], labels, source, marks, row.get("pair"))


def _bucket(pair: str) -> int:
    return int(sha256(pair.encode()).hexdigest(), 16) % DEV_SHARE
