"""The mark for pictures that are passed on: keyed waves, all over the picture, in its grey."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field

from guardrails.core.content import Image
from guardrails.core.errors import ContentError, MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.keys import Keys
from guardrails.marks.pictures.coding import CHANCE, CODE, LONGEST, decode, encode, payload_of
from guardrails.marks.pictures.folding import LOOK, White, whitened
from guardrails.marks.pictures.pattern import CANONICAL, Floats, Pattern
from guardrails.marks.pictures.payloads import settled, told_payload
from guardrails.marks.pictures.search import Place, Search
from guardrails.marks.pictures.search import p_value as p_value_of
from guardrails.marks.pictures.shaping import residual
from guardrails.models.pixels import Greys, Pixels, Residual, added, greys, size_of
from guardrails.settings import Settings

SMALLEST = 128
"""Of the short side, in pixels: the waves do not fit into less."""
_BY_PLACE, _BY_PAYLOAD = 1.5, 3.0
"""Two signs that may come out by chance: of a p-value of one, two thirds are the place's."""
_EVEN = 0.05
"""Of a whitened picture's deviation; below that there is nothing but one colour."""


class SpreadSpectrumSettings(Settings):
    """With which keys, what is written, and how far is searched for it."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    """The current key marks; every key is looked for."""
    payload: str = ""
    """What the picture is known by: up to six bytes in hexadecimal, or `decision` for the first
    twelve digits of the verdict's id."""
    false_positives: float = Field(default=1e-4, gt=0, lt=1)
    """The p-value below which a picture counts as marked."""
    search: bool = True
    """Look over scales and angles where the picture as it is tells nothing."""
    frames: int = Field(default=8, gt=0)
    """Of a moving picture, how many are looked at."""
    pixels: int = Field(default=40_000_000, gt=0)
    """Of all frames, at most."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A place, what is written there, and as how many places it was the right one."""

    place: Place
    soft: Floats
    payload: bytes | None
    tries: int = 1


class SpreadSpectrum:
    """Marks pictures with keyed waves, and finds the key and the payload again."""

    Settings = SpreadSpectrumSettings
    inspects = Image

    def __init__(self, settings: SpreadSpectrumSettings) -> None:
        self._settings = settings
        written = payload_of(settled(settings.payload))
        self.payload = written.hex()
        self._code = encode(written)
        self._patterns = {key.id: Pattern.of(key) for key in settings.keyring}
        self.key_id = settings.keyring.current.id
        self.false_positives = settings.false_positives

    def embed(self, subject: Image, /, payload: str | None = None) -> Image:
        """Mark every frame; the file keeps its format, size, metadata and quality.

        Raises:
            MarkError: it is no picture, or too small or too large a one.
        """
        try:
            must_have_room(*size_of(subject.data))
            data = added(
                subject.data,
                self.residual(payload),
                short=CANONICAL,
                pixels=self._settings.pixels,
            )
        except ContentError as error:
            raise MarkError(str(error)) from None
        return replace(subject, data=data, frames=())

    def embed_for(self, subject: Image, told: Mapping[str, str], /) -> Image:
        """Mark every frame with the payload of one decision.

        Raises:
            MarkError: it is no picture, or too small or too large a one.
        """
        return self.embed(subject, self.payload_for(told))

    def payload_for(self, told: Mapping[str, str], /) -> str:
        """Give what is written into a picture of which this is told."""
        return payload_of(told_payload(self._settings.payload, told, LONGEST)).hex()

    def residual(self, payload: str | None = None) -> Residual:
        """Give what adds the mark to a frame of the canonical size.

        Raises:
            MarkError: the payload is no hexadecimal, or too long.
        """
        code = self._code if payload is None else encode(payload_of(payload))
        pattern = self._patterns[self.key_id]

        def change(_: Pixels, grey: Pixels) -> Floats:
            return residual(grey.astype(np.float32), pattern, code)

        return change

    def detect(self, subject: Image, /) -> Detection:
        """Look for every key; only where it is found is a payload read."""
        try:
            return self.detect_in(self._greys(subject, self._settings.frames))
        except MarkError as error:
            return Detection(Decision.UNDECIDABLE, reason=str(error))

    def detect_in(self, frames: Greys, *, search: bool = True) -> Detection:
        """Look at frames of the same mark together.

        Raises:
            MarkError: they are too small, or of one colour.
        """
        return self._examined(frames, search=search)[0]

    def examine(self, subject: Image, /) -> tuple[Detection, float]:
        """Detect, and give the share of the bits of its own code that are right uncorrected.

        Raises:
            MarkError: it can carry no mark.
        """
        found, soft = self._examined(self._greys(subject, self._settings.frames))
        return found, float(np.mean((soft > 0) == (self._code > 0)))

    def _examined(self, frames: Greys, *, search: bool = True) -> tuple[Detection, Floats]:
        looked = self._search(frames)
        found = self._found(looked, everywhere=search and self._settings.search)
        by_payload = 1.0 if found.payload is None else found.tries * CHANCE
        p_value = min(1.0, _BY_PLACE * p_value_of(found.place), _BY_PAYLOAD * by_payload)
        told = Detection(Decision.UNMARKED, p_value, found.place.z, CODE)
        if p_value < self.false_positives:
            key_id = next(
                name for name, one in self._patterns.items() if one is found.place.pattern
            )
            payload = (found.payload or b"").hex()
            told = replace(told, decision=Decision.MARKED, key_id=key_id, payload=payload)
        return told, found.soft

    def _search(self, frames: Greys) -> Search:
        must_have_room(frames.width, frames.height)
        whites = _whites(frames)
        if not whites:
            raise MarkError("picture: nothing but one colour")
        return Search(whites, tuple(self._patterns.values()))

    def _greys(self, subject: Image, most: int) -> Greys:
        pixels = self._settings.pixels
        try:
            return greys(subject.data, short=LOOK, most=most, pixels=pixels)
        except ContentError as error:
            raise MarkError(str(error)) from None

    def _places(self, search: Search, *, everywhere: bool) -> Iterator[Place]:
        """The picture as it is; then, as long as none is taken, what lies around or elsewhere."""
        place = search.first()
        yield place
        enough = self.false_positives / _BY_PLACE
        if p_value_of(place) < enough:
            yield search.refined(place)
        elif everywhere:
            yield from search.everywhere(enough)

    def _found(self, search: Search, *, everywhere: bool) -> _Found:
        """Two independent signs: waves that are found, and a payload whose checksum is right."""
        seen: list[_Found] = []
        for place in self._places(search, everywhere=everywhere):
            soft = place.pattern.said(search.waves(place))
            payload = decode(soft)
            seen.append(_Found(place, soft, payload))
            if payload is not None:
                return replace(seen[-1], tries=len(seen))
        return min(seen, key=lambda found: p_value_of(found.place))


def must_have_room(width: int, height: int) -> None:
    """Refuse a picture that the waves do not fit into.

    Raises:
        MarkError: it is too small.
    """
    if min(width, height) < SMALLEST:
        raise MarkError(f"picture: {width} x {height} pixels, a mark needs {SMALLEST} each way")


def _whites(found: Greys) -> list[White]:
    """Whiten frames; those of one colour are left out."""
    short = min(found.width, found.height) / CANONICAL
    whites = [
        whitened(frame, found.width / frame.shape[1] / short, found.height / frame.shape[0] / short)
        for frame in found.frames
    ]
    return [white for white in whites if float(white.pixels.std()) > _EVEN]
