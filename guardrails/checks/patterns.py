"""Regular expressions, in linear time whatever the pattern."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field, field_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.regex import Patterns as Compiled
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import View
from guardrails.settings import Settings


class Pattern(Settings):
    """One regular expression in the syntax of RE2, and what it stands for."""

    category: str = Field(min_length=1)
    regex: str = Field(min_length=1)
    score: float = Field(default=1.0, ge=0, le=1)


class PatternSettings(Settings):
    """Which patterns: ``{category: regex}``, or a list of ``{category, regex, score}``."""

    patterns: tuple[Pattern, ...] = Field(min_length=1)
    disguised: bool = True

    @field_validator("patterns", mode="before")
    @classmethod
    def _from_mapping(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return [{"category": category, "regex": regex} for category, regex in given.items()]

    @field_validator("patterns")
    @classmethod
    def _all_compile(cls, patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        wrong = [f"pattern '{each.category}': {why}" for each in patterns if (why := _wrong(each))]
        if wrong:
            raise ValueError("; ".join(wrong))
        return patterns


def _wrong(pattern: Pattern) -> str:
    try:
        Compiled([pattern.regex])
    except ValueError as error:
        return str(error)
    return ""


class Patterns:
    """Finds what matches a regular expression."""

    Settings = PatternSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 256

    def __init__(self, settings: PatternSettings) -> None:
        self._patterns = settings.patterns
        self._disguised = settings.disguised
        self._compiled = Compiled([pattern.regex for pattern in settings.patterns])
        self.categories = tuple(dict.fromkeys(pattern.category for pattern in settings.patterns))

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find every match that is not empty, in every view."""
        views = subject.views if self._disguised else subject.views[:1]
        return distinct(finding for view in views for finding in self._in_view(view))

    def _in_view(self, view: View) -> Iterator[Finding]:
        for match in self._compiled.search(view.text):
            pattern = self._patterns[match.pattern]
            where = view.original(match.span.start, match.span.end)
            yield Finding(pattern.category, pattern.score, where, evidence("pattern matches", view))
