"""Finds pictures, whole or in part, that stand in the works of a collection."""

import asyncio
from collections.abc import Sequence

from pydantic import Field

from guardrails.checks.copied.found import reported
from guardrails.checks.copied.settings import CopiedSettings
from guardrails.checks.settings import EmbeddingModel
from guardrails.checks.stores import opened
from guardrails.core.check import Cost
from guardrails.core.content import Image
from guardrails.core.finding import Finding
from guardrails.works.match import Match
from guardrails.works.pictures.finder import PictureFinder
from guardrails.works.pictures.fingerprints import pixels_of


class CopiedImageSettings(CopiedSettings):
    """Which works, and by what else than their features they are looked up."""

    embedding: EmbeddingModel | None = Field(
        default=None, description="the copy-detection model that the works were imported with"
    )


class CopiedImage:
    """Reports every work that a picture has parts of, with the places in both."""

    Settings = CopiedImageSettings
    inspects = Image
    cost = Cost.MODEL
    categories = ("COPIED_IMAGE",)

    def __init__(self, settings: CopiedImageSettings) -> None:
        self._settings = settings
        self.store = opened(settings.store, settings.collection)
        self._finder = PictureFinder(self.store, settings.collection, embedder=settings.embedding)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        """Look every frame up; of one work in several frames, the surest is told."""
        matches = await asyncio.to_thread(self._look, subject)
        return reported(self.categories[0], matches, self._settings)

    def _look(self, subject: Image) -> list[Match]:
        surest: dict[str, Match] = {}
        for frame in subject.frames:
            for match in self._finder.find(pixels_of(frame)):
                known = surest.get(match.work.id)
                if known is None or match.score > known.score:
                    surest[match.work.id] = match
        return list(surest.values())
