"""Texts and pictures beyond a size."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from pydantic import Field, model_validator

from guardrails.core.check import Cost
from guardrails.core.content import Image, Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span
from guardrails.settings import Settings

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"^", re.MULTILINE)

_TEXT_LIMITS = ("characters", "words", "lines")
_IMAGE_LIMITS = ("bytes", "frames")


class SizeSettings(Settings):
    """The greatest sizes that pass: of a text, or of a picture file, not of both.

    Words stand between spaces. Pixels are bounded for all rules together, by ``limits``.
    """

    characters: int | None = Field(default=None, ge=0)
    words: int | None = Field(default=None, ge=0)
    lines: int | None = Field(default=None, ge=0)
    bytes: int | None = Field(default=None, ge=0)
    frames: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _of_one_kind(self) -> "SizeSettings":
        if self.limits_texts and self.limits_images:
            raise ValueError("limits of texts and of pictures, write two rules")
        if not (self.limits_texts or self.limits_images):
            options = ", ".join(f"'{limit}'" for limit in (*_TEXT_LIMITS, *_IMAGE_LIMITS))
            raise ValueError(f"no limit, give one of {options}")
        return self

    @property
    def limits_texts(self) -> bool:
        """Whether a limit of texts is given."""
        return any(getattr(self, limit) is not None for limit in _TEXT_LIMITS)

    @property
    def limits_images(self) -> bool:
        """Whether a limit of pictures is given."""
        return any(getattr(self, limit) is not None for limit in _IMAGE_LIMITS)


class Size:
    """Finds what is too large; in a text, the part of it that is too much."""

    Settings = SizeSettings
    cost = Cost.LIGHT

    def __init__(self, settings: SizeSettings) -> None:
        self._settings = settings
        self.inspects: type[Text | Image] = Text if settings.limits_texts else Image
        self.categories = tuple(
            f"TOO_MANY_{limit.upper()}"
            for limit in (*_TEXT_LIMITS, *_IMAGE_LIMITS)
            if getattr(settings, limit) is not None
        )

    async def inspect(self, subject: Text | Image, /) -> Sequence[Finding]:
        """Compare one subject with each limit."""
        if isinstance(subject, Text):
            return tuple(self._in_text(subject.text))
        return tuple(self._in_image(subject))

    def _in_text(self, text: str) -> Iterator[Finding]:
        starts = {
            "characters": _beyond_characters(text, self._settings.characters),
            "words": _beyond(_WORD, text, self._settings.words),
            "lines": _beyond(_LINE, text, self._settings.lines),
        }
        for what, start in starts.items():
            if start is not None:
                yield self._finding(what, Span(start, len(text)))

    def _in_image(self, image: Image) -> Iterator[Finding]:
        sizes = {"bytes": len(image.data), "frames": len(image.frames)}
        for what, size in sizes.items():
            limit = getattr(self._settings, what)
            if limit is not None and size > limit:
                yield self._finding(what, None)

    def _finding(self, what: str, where: Span | None) -> Finding:
        limit = getattr(self._settings, what)
        return Finding(f"TOO_MANY_{what.upper()}", 1.0, where, f"more than {limit:,} {what}")


def _beyond_characters(text: str, limit: int | None) -> int | None:
    return limit if limit is not None and len(text) > limit else None


def _beyond(unit: re.Pattern[str], text: str, limit: int | None) -> int | None:
    """Give where the first unit too many starts; an empty text has none."""
    if limit is None or not text:
        return None
    match = next(islice(unit.finditer(text), limit, None), None)
    return match.start() if match and match.start() < len(text) else None
