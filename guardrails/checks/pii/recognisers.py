"""Presidio's pattern recognisers, run in linear time, offline, and without its logging of texts."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from presidio_analyzer import LocalRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    UrlRecognizer,
)
from tldextract import TLDExtract

from guardrails.checks.pii import own
from guardrails.checks.pii.entities import PATTERNS
from guardrails.checks.pii.telephones import Telephones
from guardrails.core.view import Span

_CHUNK = 2048
_MARGIN = 256
_CLUE_REACH = 40
_CLUE_WORTH = 0.35
_CLUED_AT_LEAST = 0.4
_INTERNATIONAL = 0.75
_SHORT_CARD = 12  # digits; one number in ten is right by chance
_VERSION = re.compile(
    r"(?:\bv|\bver\.?|version|release|build|upgrade|==)[ :]*(?:from |to )?$", re.IGNORECASE
)
_SAMPLE = """
Call +1 415 555 2671, 020 7946 0018, +49 30 901820, +33 1 42 68 53 00, +972 2 530 3111, +91 22 2778
3434 or +55 11 3095 8000. Mail ada@example.org, see https://example.org/a?b=1 and 192.0.2.1,
2001:db8::1 or 00:00:5e:00:53:01. Pay 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 078-05-1120
or 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 by 2024-02-30.
"""
_NO_ARTIFACTS: Any = None  # patterns read the text alone


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of text that looks like an entity."""

    entity: str
    score: float
    span: Span


class _Email(EmailRecognizer):
    """Knows the domains of the snapshot that tldextract ships; never asks the network."""

    def __init__(self) -> None:
        super().__init__()
        self._domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain can exist."""
        return bool(self._domains(pattern_text).fqdn)


class _Iban(IbanRecognizer):
    """Keeps letters that are none of an IBAN from a branch that logs them."""

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether the checksum holds; None when only its case is wrong."""
        valid: bool | None = pattern_text.isascii() and super().validate_result(pattern_text)
        return valid


_HOST = r"(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\b"
_PATH = r"(?::\d{1,5})?[/?#][^\s()<>\"']*"


class _Url(UrlRecognizer):
    """Starts at the start of a host: Presidio's own pattern takes minutes for a long "a.a.a.a"."""

    def __init__(self) -> None:
        super().__init__(
            patterns=[
                Pattern("with a scheme", r"\bhttps?://[^\s()<>\"']+", 0.6),
                Pattern("a host and a path", _HOST + _PATH, 0.5),
            ]
        )
        self._domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Whether there is no such domain."""
        return "://" not in pattern_text and not self._domains(pattern_text).suffix


class _Domain(PatternRecognizer):
    """Finds bare hosts that could exist."""

    def __init__(self) -> None:
        host = Pattern("a bare host", _HOST + r"(?![/?#:@])", 0.5)
        super().__init__(supported_entity="DOMAIN_NAME", patterns=[host])
        self._domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def invalidate_result(self, pattern_text: str) -> bool:
        """Whether there is no such domain, or it is an abbreviation such as "B.Sc"."""
        suffix = pattern_text.rpartition(".")[2]
        if not suffix.islower() and not pattern_text.isupper():
            return True
        return not self._domains(pattern_text).suffix


class _Card(PatternRecognizer):
    """Finds card numbers of 12 to 19 digits in the ranges that are given out, right by Luhn.

    The ranges are those of ISO/IEC 7812 that issue payment cards; Presidio's pattern leaves out
    Maestro, the long Visas and the newer Mastercards.
    """

    def __init__(self) -> None:
        digits = r"(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){8,15}(?![\w-]|\.\d)"
        number = Pattern("a card number", digits, 0.3)
        clues = [
            "card",
            "credit",
            "debit",
            "visa",
            "mastercard",
            "amex",
            "maestro",
            "pan",
            "charge",
        ]
        super().__init__(supported_entity="CREDIT_CARD", patterns=[number], context=clues)

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether the checksum holds; of the shortest, only with a word before it."""
        digits = [int(letter) for letter in pattern_text if letter.isdecimal()]
        doubled = [2 * digit - 9 * (2 * digit > 9) for digit in digits[-2::-2]]  # noqa: PLR2004
        if (sum(digits[::-2]) + sum(doubled)) % 10:
            return False
        return True if len(digits) > _SHORT_CARD else None


class _Ip(IpRecognizer):
    """Takes no version for an address."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
    ) -> list[RecognizerResult]:
        """Find addresses that no word such as "version" stands before."""
        del regex_flags
        return [
            found
            for found in super().analyze(text, entities, nlp_artifacts)
            if not _VERSION.search(text[max(0, found.start - 20) : found.start])
        ]


_BETTER: Mapping[str, Callable[[], LocalRecognizer]] = MappingProxyType(
    {
        "CREDIT_CARD": _Card,
        "DOMAIN_NAME": _Domain,
        "IP_ADDRESS": _Ip,
        "EMAIL_ADDRESS": _Email,
        "IBAN_CODE": _Iban,
        "PHONE_NUMBER": Telephones,
        "URL": _Url,
    }
)


def built(entity: str) -> LocalRecognizer:
    """Build the best recogniser that there is for an entity."""
    if entity in own.OWN:
        return own.recogniser(entity)
    build: Callable[[], LocalRecognizer] = _BETTER.get(entity) or PATTERNS[entity]
    return build()


class _Recogniser:
    """One recogniser, and the words before a match that make it likelier."""

    def __init__(self, entity: str) -> None:
        self._entity = entity
        self._recogniser = built(entity)
        clues = "|".join(map(re.escape, self._recogniser.context or ()))
        self._clues = re.compile(rf"\b(?:{clues})", re.IGNORECASE) if clues else None
        self._look(_SAMPLE)  # patterns compile, and tables of prefixes load, at the first look

    def matches(self, text: str) -> Iterator[Match]:
        for found in self._look(text):
            span = Span(found.start, found.end)
            yield Match(self._entity, self._weigh(text, span, found.score), span)

    def _look(self, text: str) -> Sequence[RecognizerResult]:
        return self._recogniser.analyze(text, [self._entity], _NO_ARTIFACTS)

    def _weigh(self, text: str, span: Span, score: float) -> float:
        before = text[max(0, span.start - _CLUE_REACH) : span.start]
        if self._clues and self._clues.search(before):
            score = max(score + _CLUE_WORTH, _CLUED_AT_LEAST)
        if self._entity == "PHONE_NUMBER" and text[span.start] == "+":
            score = max(score, _INTERNATIONAL)
        return min(score, 1.0)


class Recognisers:
    """Finds entities by their patterns.

    Text goes through in chunks with margins, because some of Presidio's patterns take quadratic
    time, and after a minute it skips a pattern and says so in a log alone. A match belongs to each
    chunk whose middle it touches; it may come twice.
    """

    def __init__(self, entities: Sequence[str]) -> None:
        self._recognisers = tuple(_Recogniser(entity) for entity in entities)

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
