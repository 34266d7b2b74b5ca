"""Recognisers of Presidio's, made linear, offline and quieter where their own are not."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from presidio_analyzer import LocalRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    InAadhaarRecognizer,
    InPanRecognizer,
    IpRecognizer,
    UrlRecognizer,
)
from tldextract import TLDExtract

from guardrails.checks.pii.telephones import Telephones

_SHORT_CARD = 12  # digits; one number in ten is right by chance
_VERSION = re.compile(
    r"(?:\bv|\bver\.?|version|release|build|upgrade|==)[ :]*(?:from |to )?$", re.IGNORECASE
)
_FEWEST_HEX = 5
_HOST = r"(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\b"
_PATH = r"(?::\d{1,5})?[/?#][^\s()<>\"']*"
_AT, _DOT = r" ?[\[({] ?at ?[\])}] ?", r" ?[\[({] ?dot ?[\])}] ?"
_SPELT = rf"\b[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:(?:{_DOT}|\.)[\w-]{{2,63}}){{1,4}}"
_ETHER = re.compile(r"0x[0-9a-fA-F]{40}")


class _Email(EmailRecognizer):
    """Knows the domains of the snapshot that tldextract ships; never asks the network.

    Reads "jane [at] example [dot] org" too.
    """

    def __init__(self) -> None:
        super().__init__(patterns=[*EmailRecognizer.PATTERNS, Pattern("spelt out", _SPELT, 0.5)])
        self._domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain can exist."""
        written = re.sub(_AT, "@", pattern_text, flags=re.IGNORECASE)
        return bool(self._domains(re.sub(_DOT, ".", written, flags=re.IGNORECASE)).fqdn)


class _Iban(IbanRecognizer):
    """Keeps letters that are none of an IBAN from a branch that logs them."""

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether the checksum holds; None when only its case is wrong."""
        valid: bool | None = pattern_text.isascii() and super().validate_result(pattern_text)
        return valid


class _Aadhaar(InAadhaarRecognizer):
    """Lets a word before it make up for a slip of the pen."""

    def validate_result(  # type: ignore[override]  # None lets a clue decide
        self, pattern_text: str
    ) -> bool | None:
        """Whether the checksum holds; None where it does not."""
        return True if super().validate_result(pattern_text) else None


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
        digits = r"(?<![\w.-])(?:1800|[2-6]\d{3})(?:[ -]?\d){8,15}(?![\w-]|\.\d)"
        number = Pattern("a card number", digits, 0.3)
        clues = ["card", "credit", "debit", "visa", "mastercard", "amex", "maestro", "pan"]
        super().__init__(supported_entity="CREDIT_CARD", patterns=[number], context=clues)

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether the checksum holds; of the shortest, only with a word before it."""
        digits = [int(letter) for letter in pattern_text if letter.isdecimal()]
        doubled = [2 * digit - 9 * (2 * digit > 9) for digit in digits[-2::-2]]  # noqa: PLR2004
        if (sum(digits[::-2]) + sum(doubled)) % 10:
            return False
        return True if len(digits) > _SHORT_CARD else None


class _Ip(IpRecognizer):
    """Takes no version and no slice of a list for an address."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: Any = None
    ) -> list[RecognizerResult]:
        """Find addresses that no word such as "version" stands before."""
        del regex_flags
        return [
            found
            for found in super().analyze(text, entities, nlp_artifacts)
            if not _VERSION.search(text[max(0, found.start - 20) : found.start])
            and not _is_code(text, found)
        ]


class _Crypto(CryptoRecognizer):
    """Knows Ethereum's form as well, and other coins' beside a word such as "wallet"."""

    def __init__(self) -> None:
        others = r"\b(?:[LMDTr3][1-9A-HJ-NP-Za-km-z]{25,34}|(?:ltc|tb)1[a-z0-9]{25,59})\b"
        anyhow = r"\b(?:bc1[a-z0-9]{25,59}|[13][a-zA-HJ-NP-Z0-9]{25,34})\b"
        patterns = [
            Pattern("ether", rf"\b{_ETHER.pattern}\b", 0.9),
            Pattern("other coins", others, 0.2),
            Pattern("bitcoin", anyhow, 0.2),
        ]
        clues = ["wallet", "btc", "bitcoin", "crypto", "eth", "ltc", "usdt", "coin", "doge", "xrp"]
        super().__init__(patterns=patterns, context=clues)

    def validate_result(  # type: ignore[override]  # None lets a clue decide
        self, pattern_text: str
    ) -> bool | None:
        """Whether the checksum holds; None where it does not: a clue may make up for it."""
        if _ETHER.fullmatch(pattern_text) or pattern_text[0] not in "13bB":
            return None
        return True if super().validate_result(pattern_text) else None


def _pan() -> LocalRecognizer:
    """Build Presidio's without its loosest pattern, which takes quadratic time and any word."""
    return InPanRecognizer(patterns=InPanRecognizer.PATTERNS[:2])


def _is_code(text: str, found: RecognizerResult) -> bool:
    """Whether "::" between few digits stands in brackets, or has no digit at all: `a[1::2]`."""
    matched = text[found.start : found.end]
    if "::" not in matched or sum(map(str.isalnum, matched)) >= _FEWEST_HEX:
        return "::" in matched and not any(map(str.isdecimal, matched))
    return bool(re.search(r"\[[^\]\[\n]*$", text[max(0, found.start - 40) : found.start]))


BETTER: Mapping[str, Callable[[], LocalRecognizer]] = MappingProxyType(
    {
        "CREDIT_CARD": _Card,
        "CRYPTO": _Crypto,
        "DOMAIN_NAME": _Domain,
        "EMAIL_ADDRESS": _Email,
        "IBAN_CODE": _Iban,
        "IN_AADHAAR": _Aadhaar,
        "IN_PAN": _pan,
        "IP_ADDRESS": _Ip,
        "PHONE_NUMBER": Telephones,
        "URL": _Url,
    }
)
"""Ours in the place of Presidio's, or beside them."""
