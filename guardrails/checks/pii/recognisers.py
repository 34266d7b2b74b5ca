"""Pattern recognisers, run in linear time, offline, and without Presidio's logging of texts."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from presidio_analyzer import LocalRecognizer, RecognizerResult

from guardrails.checks.pii import own
from guardrails.checks.pii.better import BETTER
from guardrails.checks.pii.clues import Clues, strengthened
from guardrails.checks.pii.entities import PATTERNS
from guardrails.checks.pii.keys import ApiKeys
from guardrails.core.view import Span

_CHUNK = 2048
_MARGIN = 256
_INTERNATIONAL = 0.75
_CHECKED = 0.6
_BARE = 0.4
_SAMPLE = """
Call +1 415 555 2671, 020 7946 0018, +49 30 901820, +33 1 42 68 53 00, +972 2 530 3111, +91 22 2778
3434 or +55 11 3095 8000. Mail ada@example.org, see https://example.org/a?b=1 and 192.0.2.1,
2001:db8::1 or 00:00:5e:00:53:01. Pay 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 078-05-1120
or 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 by 2024-02-30.
"""
_NO_ARTIFACTS: Any = None  # patterns read the text alone

NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "EMAIL_ADDRESS": "@[({",
        "URL": ".:",
        "DOMAIN_NAME": ".",
        "IP_ADDRESS": ".:",
        "MAC_ADDRESS": ":-.",
        "UUID": "-",
    }
)
"""Characters of which a text has to have one for an entity to be in it."""

WORDY = frozenset(
    {"API_KEY", "DATE_TIME", "IT_FISCAL_CODE", "PASSWORD", "STREET_ADDRESS", "TITLE", "USERNAME"}
)
"""What may have no digit. All others are numbers, and not looked for where there is none."""

SLIGHTLY_CHECKED = frozenset(
    {
        *("AU_ABN", "AU_ACN", "AU_MEDICARE", "AU_TFN", "ABA_ROUTING_NUMBER", "DE_TAX_ID"),
        *("IN_AADHAAR", "IT_VAT_CODE", "KR_BRN", "NG_NIN", "SE_ORGANISATIONSNUMMER", "UK_NHS"),
        *("US_NPI", "TH_TNIN", "TR_NATIONAL_ID"),
    }
)
"""Digits whose checksum one number in ten or so passes by chance: alone it proves little."""


_BESIDE: Mapping[str, Callable[[], LocalRecognizer]] = MappingProxyType({"API_KEY": ApiKeys})
"""What is looked for in a second way."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of text that looks like an entity."""

    entity: str
    score: float
    span: Span


def built(entity: str) -> LocalRecognizer:
    """Build the best recogniser that there is for an entity."""
    if entity in own.OWN:
        return own.recogniser(entity)
    build: Callable[[], LocalRecognizer] = BETTER.get(entity) or PATTERNS[entity]
    return build()


class Recogniser:
    """One recogniser, and the words before a match that make it likelier."""

    def __init__(self, recogniser: LocalRecognizer, needed: re.Pattern[str] | None = None) -> None:
        [self.entity] = recogniser.supported_entities
        self._recogniser = recogniser
        self._needed = needed
        self._clues = Clues(self.entity, recogniser.context or ())
        self._look(_SAMPLE)  # patterns compile, and tables of prefixes load, at the first look

    def matches(self, text: str) -> Iterator[Match]:
        """Give what looks like the entity; nothing, and soon, where there can be none."""
        if self._needed and not self._needed.search(text):
            return
        for found in self._look(text):
            span = Span(found.start, found.end)
            yield Match(self.entity, self._weigh(text, span, found.score), span)

    def _look(self, text: str) -> Sequence[RecognizerResult]:
        return self._recogniser.analyze(text, [self.entity], _NO_ARTIFACTS)

    def _weigh(self, text: str, span: Span, score: float) -> float:
        if self._clues.stand_before(text, span):
            return strengthened(score)
        if self.entity == "PHONE_NUMBER" and text[span.start] == "+":
            return max(score, _INTERNATIONAL)
        if self.entity in SLIGHTLY_CHECKED and len(text.strip()) > span.end - span.start:
            bare = text[span.start : span.end].isalnum()
            return min(score, _BARE if bare else _CHECKED)
        return score


def _digits_or(entity: str) -> re.Pattern[str] | None:
    if entity in NEEDED:
        return re.compile(f"[{re.escape(NEEDED[entity])}]")
    return None if entity in WORDY else re.compile(r"\d")


class Recognisers:
    """Finds entities by their patterns.

    Text goes through in chunks with margins, because some of Presidio's patterns take quadratic
    time, and after a minute it skips a pattern and says so in a log alone. A match belongs to each
    chunk whose middle it touches; it may come twice.
    """

    def __init__(self, entities: Sequence[str], others: Sequence[LocalRecognizer] = ()) -> None:
        self._recognisers = (
            *(Recogniser(built(entity), _digits_or(entity)) for entity in entities),
            *(Recogniser(_BESIDE[entity]()) for entity in entities if entity in _BESIDE),
            *map(Recogniser, others),
        )

    async def find(self, text: str) -> list[Match]:
        """Give every match, overlapping ones too, in no order.

        A long text leaves the event loop, chunk by chunk: when nobody waits for it any more, the
        rest is not looked at.
        """
        if len(text) <= _CHUNK:
            return self.within(text, Span(0, len(text)))
        found: list[Match] = []
        for start in range(0, len(text), _CHUNK):
            core = Span(start, min(start + _CHUNK, len(text)))
            found += await asyncio.to_thread(self.within, text, core)
        return found

    def within(self, text: str, core: Span) -> list[Match]:
        """Give every match that touches a part of a text."""
        start = max(0, core.start - _MARGIN)
        chunk = text[start : core.end + _MARGIN]
        matches = (each for recogniser in self._recognisers for each in recogniser.matches(chunk))
        return [
            replace(match, span=span)
            for match in matches
            if (span := Span(match.span.start + start, match.span.end + start)).overlaps(core)
        ]
