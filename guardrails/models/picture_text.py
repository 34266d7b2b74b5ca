"""The door to rapidocr: the lines of text in a picture, and where they stand."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from queue import SimpleQueue
from typing import Any

import numpy as np

from guardrails.core.content import Frame
from guardrails.core.errors import ModelError
from guardrails.core.finding import Region
from guardrails.core.view import Span

READERS = 2
"""Readers side by side; each has its own nets, so that none waits for a lock."""
LEAST = 0.5
"""Of the score of a line; what is less sure is noise."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture."""

    text: str = field(repr=False)
    region: Region


@dataclass(frozen=True, slots=True)
class PictureText:
    """The lines of a picture as one text, from top to bottom."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    def regions(self, span: Span) -> tuple[Region, ...]:
        """The parts of the lines that characters of the text stand on."""
        found, start = [], 0
        for line in self.lines:
            end = start + len(line.text)
            if span.start < end and start < span.end:
                found.append(_part(line, span.start - start, span.end - start))
            start = end + 1
        return tuple(found)


class PictureReader:
    """Reads Latin and Chinese script in pictures. Safe to use from many threads."""

    name = "rapidocr"

    def __init__(self) -> None:
        try:
            from rapidocr import RapidOCR  # noqa: PLC0415  # only who reads pictures needs it
        except ModuleNotFoundError:
            raise ModelError("reading pictures needs 'guardrails[ocr]', install it") from None
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)  # it would log what it reads
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(READERS):
            reader = RapidOCR(params={"Global.log_level": "critical"})
            reader(np.zeros((64, 64, 3), np.uint8))  # so that the first request finds it warm
            self._idle.put(reader)

    def read(self, frames: Sequence[Frame]) -> PictureText:
        """Read every frame; takes up to a second each, so keep it off the event loop."""
        lines = [line for frame in frames for line in self._lines(frame)]
        return PictureText(tuple(lines))

    def _lines(self, frame: Frame) -> Iterator[Line]:
        pixels = np.frombuffer(frame.rgb, np.uint8).reshape(frame.height, frame.width, 3)
        with self._reader() as reader:
            found = reader(pixels[:, :, ::-1])  # it expects blue first
        if found.txts is None:
            return
        size = np.array([frame.width, frame.height], np.float32)
        for text, sure, box in zip(found.txts, found.scores, found.boxes, strict=True):
            if sure >= LEAST and text.strip():
                corners = (np.asarray(box) / size).clip(0, 1)
                low, high = corners.min(axis=0), corners.max(axis=0)
                yield Line(text, Region(*map(float, (*low, *high))))

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        reader = self._idle.get()
        try:
            yield reader
        finally:
            self._idle.put(reader)


@cache
def open_reader() -> PictureReader:
    """Open the reader, once for all policies.

    Raises:
        ModelError: it is not installed.
    """
    return PictureReader()


def _part(line: Line, start: int, end: int) -> Region:
    """The stretch of a line that some of its characters take, with one to spare on each side."""
    each = (line.region.right - line.region.left) / len(line.text)
    left = line.region.left + max(start - 1, 0) * each
    right = line.region.left + min(end + 1, len(line.text)) * each
    return Region(left, line.region.top, min(right, line.region.right), line.region.bottom)
