"""Finds stretches of texts that stand in the works of a collection, word for word or nearly."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from guardrails.checks.copied.found import apart, reported
from guardrails.checks.copied.settings import CopiedSettings
from guardrails.checks.stores import opened
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span, View
from guardrails.works.hashed import MATCHED_WORDS, HashedFinder
from guardrails.works.match import Match
from guardrails.works.text.finder import ALLOW_QUOTATION, TextFinder


class CopiedTextSettings(CopiedSettings):
    """Which works, and from how many words on a stretch is a copy (it scores 0.5 there)."""

    matched_words: int | None = Field(default=None, ge=4)
    """Words of one stretch that are equal, whatever was changed between them; 20 when
    `longest_run` is not given either."""
    longest_run: int | None = Field(default=None, ge=4)
    """Words in one run, none of them changed."""
    allow_quotation: int = Field(default=ALLOW_QUOTATION, ge=0)
    """A stretch inside quotation marks is no copy up to this many words."""


class CopiedText:
    """Reports every stretch that a work has too, weak ones with a low score."""

    Settings = CopiedTextSettings
    inspects = Text
    cost = Cost.MODEL
    categories = ("COPIED_TEXT",)

    def __init__(self, settings: CopiedTextSettings) -> None:
        self._settings = settings
        self.store = opened(settings.store, settings.collection)
        self._finder = TextFinder(
            self.store,
            settings.collection,
            settings.longest_run,
            settings.matched_words,
            settings.allow_quotation,
        )
        self._hashed = HashedFinder(
            self.store, settings.collection, settings.matched_words or MATCHED_WORDS
        )

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Look a text up, and what it hides in an encoding; what is permitted is told as such."""
        matches = await asyncio.to_thread(self._look, subject)
        return reported(self.categories[0], matches, self._settings)

    def _look(self, subject: Text) -> list[Match]:
        return apart(
            placed(match, view)
            for view in subject.views
            for finder in (self._finder, self._hashed)
            for match in finder.find(view.text)
        )


def placed(match: Match, view: View) -> Match:
    """Tell where in the original a match of a view is."""
    if not isinstance(match.where, Span):
        return match
    return replace(match, where=view.original(match.where.start, match.where.end))
