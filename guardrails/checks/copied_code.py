"""Finds code that stands in the works of a collection, renamed and reformatted or not."""

import asyncio
from collections.abc import Sequence

from pydantic import Field

from guardrails.checks.copied.found import reported
from guardrails.checks.copied.settings import CopiedSettings
from guardrails.checks.stores import opened
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.works.code.finder import LINES, MATCHED_TOKENS, CodeFinder


class CopiedCodeSettings(CopiedSettings):
    """Which works, and from how much code on a stretch is a copy (it scores 0.5 there)."""

    matched_tokens: int = Field(default=MATCHED_TOKENS, ge=8)
    """Tokens of one stretch that are equal, more of them where names are equal too."""
    lines: int = Field(default=LINES, ge=1)
    """Lines of the work that they stand on."""


class CopiedCode:
    """Reports every stretch of code that a work has too, weak ones with a low score."""

    Settings = CopiedCodeSettings
    inspects = Text
    cost = Cost.MODEL
    categories = ("COPIED_CODE",)

    def __init__(self, settings: CopiedCodeSettings) -> None:
        self._settings = settings
        self.store = opened(settings.store, settings.collection)
        self._finder = CodeFinder(
            self.store, settings.collection, settings.matched_tokens, settings.lines
        )

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Look up the code in a text, fenced or not; what is permitted is told as such."""
        matches = await asyncio.to_thread(self._finder.find, subject.text)
        return reported(self.categories[0], matches, self._settings)
