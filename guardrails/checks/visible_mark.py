"""Finds logos and watermark texts of third parties that a generator has learnt to draw."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, model_validator

from guardrails.checks.terms import Terms
from guardrails.core.check import Cost
from guardrails.core.content import Frame, Image, Text
from guardrails.core.errors import ContentError, ModelError
from guardrails.core.finding import Finding
from guardrails.models.picture_text import PictureReader, open_reader
from guardrails.settings import Settings
from guardrails.works.pictures.fingerprints import pixels_of
from guardrails.works.pictures.marks import Mark, MarkFinder, mark

CATEGORY = "VISIBLE_MARK"
_LEAST = 0.01
"""Of a score that is told; every mark is a little like every picture."""
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


def _beside_policy(folder: str | None, info: ValidationInfo) -> str | None:
    """Text, not a path: what is in a folder cannot be hashed as what is in a file is."""
    if folder is None:
        return None
    path: Path = (info.context or {}).get("directory", Path()) / folder
    if not path.is_dir() or not _pictures(path):
        raise ValueError(f"no pictures in '{path}', put one of each mark there")
    return str(path)


Logos = Annotated[str | None, AfterValidator(_beside_policy)]


class VisibleMarkSettings(Settings):
    """Which marks. The name of a picture's file is the name of the mark."""

    logos: Logos = None
    """A folder beside the policy with a picture of each logo, on plain ground."""
    texts: tuple[str, ...] = ()
    """Words that are a mark wherever they stand in a picture; reading takes up to a second."""

    @model_validator(mode="after")
    def _has_marks(self) -> "VisibleMarkSettings":
        if self.logos is None and not self.texts:
            raise ValueError("no marks, give 'logos' or 'texts'")
        return self


class VisibleMark:
    """Reports each mark once a frame, where it most likely is."""

    Settings = VisibleMarkSettings
    inspects = Image
    cost = Cost.MODEL
    categories = (CATEGORY,)

    def __init__(self, settings: VisibleMarkSettings) -> None:
        self._logos = MarkFinder(_marks(settings.logos)) if settings.logos else None
        self._texts = Terms(settings.texts) if settings.texts else None
        self._reader = _reader() if settings.texts else None

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        """Look at every frame, off the event loop."""
        return await asyncio.to_thread(lambda: tuple(self._look(subject)))

    def _look(self, subject: Image) -> Iterator[Finding]:
        if self._logos is not None:
            for frame in subject.frames:
                yield from self._drawn(self._logos, frame)
        if self._reader is not None and self._texts is not None:
            read = self._reader.read(subject.frames)
            for term in self._texts.found(Text(read.text)):
                for region in read.regions(term.where):
                    yield Finding(CATEGORY, 1.0, region, f"the words '{term.listed}'")

    def _drawn(self, logos: MarkFinder, frame: Frame) -> Iterator[Finding]:
        for seen in logos.find(pixels_of(frame)):
            if seen.score >= _LEAST:
                told = f"the mark '{seen.mark}', by {seen.how}"
                yield Finding(CATEGORY, seen.score, seen.where, told)


def _reader() -> PictureReader:
    try:
        return open_reader()
    except ModelError as error:
        raise ValueError(str(error)) from None


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _marks(folder: str) -> list[Mark]:
    return [_mark(path) for path in _pictures(Path(folder))]


def _mark(path: Path) -> Mark:
    try:
        return mark(path.stem, "", path.read_bytes())
    except (ContentError, OSError) as error:
        raise ValueError(f"cannot read the mark '{path}': {error}") from None
