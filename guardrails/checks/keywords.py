"""Terms from a list, thousands at once, also when they are disguised."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import field_validator, model_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.listed import ListFile, lines
from guardrails.checks.terms import Terms
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.settings import Settings

SPELT_OUT = 4
"""Characters that one of a term becomes at the most, where it is spelt out with gaps between."""


class KeywordSettings(Settings):
    """Which terms, and how strictly they are compared.

    ``words_file`` holds one term a line; blank lines and lines that begin with ``#`` do not count.
    Its path starts at the policy's folder.
    """

    words: tuple[str, ...] = ()
    words_file: ListFile | None = None
    category: str = "keyword"
    case_sensitive: bool = False
    whole_words: bool = True
    disguised: bool = True

    @field_validator("words")
    @classmethod
    def _none_is_blank(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for number, word in enumerate(words, start=1):
            if not word.strip():
                raise ValueError(f"word {number} is blank, it would match everywhere")
        return words

    @field_validator("words_file")
    @classmethod
    def _holds_words(cls, path: Path | None) -> Path | None:
        if path and not lines(path):
            raise ValueError(f"'{path}' holds no terms")
        return path

    @model_validator(mode="after")
    def _has_words(self) -> "KeywordSettings":
        if not self.words and self.words_file is None:
            raise ValueError("no terms, give 'words' or 'words_file'")
        return self


class Keywords:
    """Finds the terms of a list."""

    Settings = KeywordSettings
    inspects = Text
    cost = Cost.LIGHT

    def __init__(self, settings: KeywordSettings) -> None:
        self.categories = (settings.category,)
        listed = (*settings.words, *(lines(settings.words_file) if settings.words_file else ()))
        self.reach = SPELT_OUT * max(map(len, listed))
        self._terms = Terms(
            listed,
            case_sensitive=settings.case_sensitive,
            whole_words=settings.whole_words,
            disguised=settings.disguised,
        )

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find each term, in every view; a term inside a longer one is not told again."""
        return distinct(
            Finding(self.categories[0], 1.0, term.where, evidence("listed term", term.view))
            for term in self._terms.found(subject)
        )
