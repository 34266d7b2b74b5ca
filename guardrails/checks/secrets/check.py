"""API keys, tokens, private keys and high-entropy strings."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log2

from detect_secrets.plugins.jwt import JwtTokenDetector
from pydantic import Field, field_validator

from guardrails.checks.findings import evidence
from guardrails.checks.normalise.decode import readable_base64
from guardrails.checks.normalise.substitute import is_substituted
from guardrails.checks.regex import Match, Patterns
from guardrails.checks.secrets.rules import BASIC_AUTH, ENTROPY, JWT, KEYWORD, rules
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span, View
from guardrails.settings import Settings

_KINDS = tuple(dict.fromkeys(rule.category for rule in rules()))

_BEFORE = " \t\r\n=:\"'`"
_BEHIND = " \t\r\n\"'`"
_STAND_IN = re.compile(
    r"[/.~*<$%{]|https?:|(?i:x{3}|your|my[-_]|example|change|placeholder|redacted)"
    r"|(?i:none|null|true|false|undefined|test|todo|string|number|required|optional|hidden|text"
    r"|input|pass|password|secret)\W?\Z"
)
_LETTER_AND_FIGURE = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGEST_NAME = re.compile(
    r"(?i)(?:sha-?[0-9]*|md5|hash|digest|checksum|commit|etag|integrity|rev|uuid|guid|id)\W{0,8}\Z"
)
_SHORTEST_HEX = 32
_GIT_HASH = 40
_IN_PATH = re.compile(r"://\S*(?<![=:])\Z|data:\S*\Z")
_REACH = 256
_LONGEST_RANDOM = 256
"""Longer runs are data: pictures, archives."""
_FEWEST_TURNS = 0.3
"""Turns from one class of characters to another, by length: names turn seldom, keys often."""


class SecretSettings(Settings):
    """Which secrets, and what is none.

    ``kinds`` narrows the check to some categories. ``allow`` holds values that may be shown,
    ``allow_patterns`` expressions in the syntax of RE2 that a whole value must match. The limits
    are in bits for each character (Shannon).
    """

    kinds: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    allow_patterns: tuple[str, ...] = ()
    entropy: bool = True
    base64_limit: float = Field(default=4.5, ge=0, le=8)
    hex_limit: float = Field(default=3.0, ge=0, le=8)

    @field_validator("kinds")
    @classmethod
    def _are_known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [kind for kind in kinds if kind not in _KINDS]:
            named = ", ".join(f"'{kind}'" for kind in unknown)
            raise ValueError(f"unknown kind {named}, give one of {', '.join(sorted(_KINDS))}")
        return kinds

    @field_validator("allow_patterns")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        Patterns(patterns)
        return patterns


class Secrets:
    """Finds credentials by their form, by the name they are given, and by their entropy."""

    Settings = SecretSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 128

    def __init__(self, settings: SecretSettings) -> None:
        kinds = frozenset(settings.kinds or _KINDS)
        if not settings.entropy:
            kinds -= {ENTROPY}
        self._settings = settings
        self._rules = tuple(rule for rule in rules() if rule.category in kinds)
        self._patterns = Patterns([rule.pattern for rule in self._rules])
        self._allowed = Patterns([rf"\A(?:{allowed})\z" for allowed in settings.allow_patterns])
        self.categories = tuple(dict.fromkeys(rule.category for rule in self._rules))

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find each secret once, by the most telling rule; the span is the secret alone."""
        findings: list[Finding] = []
        told = bytearray()
        for view in subject.views:
            for category, score, span in self._in_view(view):
                told = told or bytearray(len(subject.text))
                where = view.original(span.start, span.end)
                if told.find(0, where.start, where.end) >= 0:  # some of it is not told yet
                    told[where.start : where.end] = b"\1" * (where.end - where.start)
                    found = evidence("looks like a credential", view)
                    findings.append(Finding(category, score, where, found))
        return tuple(findings)

    def _in_view(self, view: View) -> Iterator[tuple[str, float, Span]]:
        if is_substituted(view):
            return
        for match in self._patterns.search(view.text):
            rule = self._rules[match.pattern]
            span = _secret(view.text, match)
            if self._is_one(rule.category, view.text, span):
                yield rule.category, rule.score, span

    def _is_one(self, category: str, text: str, span: Span) -> bool:
        secret = text[span.start : span.end]
        if secret in self._settings.allow or any(self._allowed.search(secret)):
            return False
        if category == JWT:
            return JwtTokenDetector.is_formally_valid(secret)
        if category == BASIC_AUTH:
            return not _STAND_IN.match(secret)
        if category == KEYWORD:
            return _is_password(secret, quoted=text[span.start - 1] in "\"'`")
        return category != ENTROPY or self._is_random(secret, _before(text, span.start))

    def _is_random(self, secret: str, before: str) -> bool:
        if len(secret) > _LONGEST_RANDOM or _IN_PATH.search(before):
            return False
        if _HEX.fullmatch(secret):
            return _is_hex_value(secret, before) and entropy(secret) > self._settings.hex_limit
        return (
            entropy(secret) > self._settings.base64_limit
            and _turns(secret) >= _FEWEST_TURNS
            and readable_base64(secret) is None
        )


def entropy(text: str) -> float:
    """Give the Shannon entropy of a text, in bits for each character."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * log2(share) for share in shares)


def _secret(text: str, match: Match) -> Span:
    """Take the last group, or the whole match, without the signs around it."""
    span = match.groups[-1] if match.groups else match.span
    value = text[span.start : span.end]
    start = span.start + len(value) - len(value.lstrip(_BEFORE))
    return Span(start, start + len(value.lstrip(_BEFORE).rstrip(_BEHIND)))


def _is_password(value: str, *, quoted: bool) -> bool:
    if _STAND_IN.match(value):
        return False
    return quoted or _LETTER_AND_FIGURE.match(value) is not None


def _is_hex_value(digits: str, before: str) -> bool:
    """Whether hex stands in quotes, as a value does, and is not the digest of something."""
    quoted = before.endswith(("'", '"')) and len(digits) >= _SHORTEST_HEX
    return quoted and len(digits) != _GIT_HASH and not _DIGEST_NAME.search(before)


def _before(text: str, at: int) -> str:
    """Give the end of the line before this place; no more, so that the cost stays linear."""
    return text[max(0, at - _REACH) : at].rpartition("\n")[2]


def _turns(secret: str) -> float:
    """Count how often the class of characters changes, by length; nothing if one is missing."""
    classes = "".join(map(_class, secret))
    if not {"a", "A", "0"} <= set(classes):
        return 0.0
    return sum(left != right for left, right in pairwise(classes)) / len(secret)


def _class(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "-"
