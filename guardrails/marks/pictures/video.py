"""Films as frames: every one carries the same mark, and what many of them say is added up.

Frames come in and go out as arrays; `film` reads and writes files.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self, TypeVar

from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.pictures.folding import LOOK
from guardrails.marks.pictures.pattern import CANONICAL, Floats
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum
from guardrails.models.pixels import Greys, Pixels, added_to, grey_of

_Item = TypeVar("_Item")

MOST = 64
"""Frames that are looked at."""
_ALONE = 16
"""Frames that are looked at one by one: encoders let the mark move along with what moves."""
_SEARCHED = 4
"""Frames in which scales and angles are looked for: each costs as much as a picture."""
_PARTS = (1, 2, 4)
"""Into so many parts a film is cut: a mark in a quarter of it is found there."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The small greys of frames from all over a film, in order; and the size of the film."""

    frames: tuple[Floats, ...] = ()
    width: int = 0
    height: int = 0

    @classmethod
    def of(cls, frames: Iterable[Pixels], most: int = MOST) -> Self:
        """Take up to ``most`` frames, as far apart as that allows; never holds twice as many."""
        taken: list[Floats] = []
        step, height, width = 1, 0, 0
        for number, frame in enumerate(frames):
            if number % step:
                continue
            height, width, _ = frame.shape
            taken.append(grey_of(frame, short=LOOK))
            if len(taken) >= 2 * most:
                taken, step = taken[::2], 2 * step
        return cls(_spread(taken, most), width, height)


def marked(
    frames: Iterable[Pixels], mark: SpreadSpectrum, payload: str | None = None
) -> Iterator[Pixels]:
    """Mark frames of height x width x 3, one by one: the waves stand still, so nothing flickers.

    Raises:
        MarkError: the payload is no hexadecimal, or too long.
    """
    residual = mark.residual(payload)
    return (added_to(frame, residual, short=CANONICAL) for frame in frames)


def detect(frames: Iterable[Pixels], mark: SpreadSpectrum, *, most: int = MOST) -> Detection:
    """Look for the mark in up to ``most`` frames."""
    return detect_in(Sample.of(frames, most), mark)


def detect_in(sample: Sample, mark: SpreadSpectrum) -> Detection:
    """Look at frames together, at parts of a film, and at last over scales and angles.

    Frames of a part vote with what they say of each wave; at last some speak for themselves. The
    p-value counts every look.
    """
    if not sample.frames:
        return Detection(Decision.UNDECIDABLE, reason="film: no frames")
    whole, *parts = dict.fromkeys(_looks(len(sample.frames)))
    tries = len(parts) + 2
    try:
        best = _seen(sample, whole, mark)
    except MarkError as error:
        return Detection(Decision.UNDECIDABLE, reason=str(error))
    for places in parts:
        if _chance(best) * tries < mark.false_positives:
            break
        with suppress(MarkError):  # a part may be black
            best = min(best, _seen(sample, places, mark), key=_chance)
    else:
        few = _spread(whole, _SEARCHED)
        with suppress(MarkError):
            best = min(best, _seen(sample, few, mark, search=True), key=_chance)
    return _counted(best, tries, mark)


def _seen(
    sample: Sample, places: Sequence[int], mark: SpreadSpectrum, *, search: bool = False
) -> Detection:
    frames = tuple(sample.frames[place] for place in places)
    return mark.detect_in(Greys(frames, sample.width, sample.height), search=search)


def _looks(count: int) -> Iterator[tuple[int, ...]]:
    """All frames, those of each part, then single ones."""
    for parts in _PARTS:
        for part in range(parts):
            places = tuple(range(count * part // parts, count * (part + 1) // parts))
            if places:
                yield places
    yield from ((place,) for place in _spread(range(count), _ALONE))


def _chance(found: Detection) -> float:
    return 1.0 if found.p_value is None else found.p_value


def _counted(found: Detection, tries: int, mark: SpreadSpectrum) -> Detection:
    p_value = min(1.0, _chance(found) * tries)
    if p_value < mark.false_positives:
        return replace(found, p_value=p_value)
    return Detection(Decision.UNMARKED, p_value, found.z, found.tokens)


def _spread(items: Sequence[_Item], most: int) -> tuple[_Item, ...]:
    """Take so many, evenly."""
    count = min(most, len(items))
    return tuple(items[(2 * number + 1) * len(items) // (2 * count)] for number in range(count))
