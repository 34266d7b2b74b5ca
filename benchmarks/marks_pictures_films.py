"""Marks in films: a camera moves over photographs, and the film is encoded again."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import process_time

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measure import Row, median
from guardrails.core.mark import Decision, Detection
from guardrails.marks.pictures import film
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum

WIDTH, HEIGHT, RATE, FRAMES = 480, 360, 25, 50
BITS = 2_000_000
"""A second, of what is marked."""
AGAIN: Mapping[str, tuple[int, float]] = {
    "1.2 Mbit/s": (1_200_000, 1.0),
    "800 kbit/s": (800_000, 1.0),
    "400 kbit/s": (400_000, 1.0),
    "200 kbit/s": (200_000, 1.0),
    "half size, 1 Mbit/s": (1_000_000, 0.5),
    "half size, 400 kbit/s": (400_000, 0.5),
}
Frames = Iterator[NDArray[np.uint8]]


def rows(photographs: Sequence[Image.Image], mark: SpreadSpectrum, folder: Path) -> Iterator[Row]:
    """Mark a film of each photograph, encode it again, and look."""
    found: dict[str, list[Detection]] = {}
    taken: list[float] = []
    plain, marked, again = (folder / f"film.{name}.mp4" for name in ("plain", "marked", "again"))
    for photograph in photographs:
        _written(plain, _moved(photograph), BITS)
        started = process_time()
        film.embed(plain, marked, mark)
        both = process_time() - started
        started = process_time()
        _written(again, _frames(plain, 1.0), BITS)
        taken.append((both - (process_time() - started)) * 1e3 / FRAMES)
        found.setdefault("as it was marked", []).append(film.detect(marked, mark))
        for case, (rate, scale) in AGAIN.items():
            _written(again, _frames(marked, scale), rate)
            found.setdefault(case, []).append(film.detect(again, mark))
        found.setdefault("unmarked", []).append(film.detect(plain, mark))
    row = partial(Row, "marks_pictures")
    for case, each in found.items():
        presence = [one.decision is Decision.MARKED for one in each]
        payload = [one.payload == mark.payload for one in each]
        yield row(f"films: {case}: presence", float(np.mean(presence)), "")
        yield row(f"films: {case}: payload", float(np.mean(payload)), "")
    yield row("films: marking a frame, CPU, p50", median(taken), "ms")


def _moved(photograph: Image.Image) -> Frames:
    room = (photograph.width - WIDTH, photograph.height - HEIGHT)
    for number in range(FRAMES):
        left, top = (side * number // FRAMES for side in room)
        yield np.asarray(photograph.crop((left, top, left + WIDTH, top + HEIGHT)))


def _frames(path: Path, scale: float) -> Frames:
    with av.open(path) as container:
        for frame in container.decode(video=0):
            width, height = (int(side * scale) for side in (frame.width, frame.height))
            yield frame.to_ndarray(format="rgb24", width=width, height=height)


def _written(path: Path, frames: Frames, rate: int) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("h264", rate=RATE)
        stream.pix_fmt, stream.bit_rate = "yuv420p", rate
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width, _ = frame.shape
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
