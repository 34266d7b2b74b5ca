"""Films: every frame carries the same mark, and what many frames say is added up.

Frames come in and go out as arrays; decoding and encoding them is the caller's, since libraries
that do it bring encoders under the GPL.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.pictures.folding import LOOK
from guardrails.marks.pictures.pattern import CANONICAL
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum
from guardrails.models.pixels import Greys, Pixels, added_to, grey_of

MOST = 16
"""Frames that are looked at."""


def marked(
    frames: Iterable[Pixels], mark: SpreadSpectrum, payload: str | None = None
) -> Iterator[Pixels]:
    """Mark frames of height x width x 3, one by one: the waves stand still, so nothing flickers.

    Raises:
        MarkError: the payload is no hexadecimal, or too long.
    """
    residual = mark.residual(payload)
    return (added_to(frame, residual, short=CANONICAL) for frame in frames)


def detect(
    frames: Iterable[Pixels], mark: SpreadSpectrum, *, most: int = MOST, every: int = 1
) -> Detection:
    """Look for the mark in ``most`` frames together, taking one of ``every`` few."""
    taken = list(islice(frames, 0, most * every, every))
    if not taken:
        return Detection(Decision.UNDECIDABLE, reason="film: no frames")
    height, width, _ = taken[0].shape
    lumas = tuple(grey_of(frame, short=LOOK) for frame in taken)
    try:
        return mark.detect_in(Greys(lumas, width, height))
    except MarkError as error:
        return Detection(Decision.UNDECIDABLE, reason=str(error))
