"""Recognisers of our own, for what Presidio's leave out; tables, in Presidio's framework.

A faint pattern counts only where one of its clues stands before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from presidio_analyzer import Pattern, PatternRecognizer

_MONTH = (
    r"(?:(?-i:May|MAY|Mar|March|MARCH)|Jan(?:uary)?|Feb(?:ruary)?|Apr(?:il)?|Jun(?:e)?|Jul(?:y)?|"
    r"Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
_BEING = "I'?m|I am|he'?s|she'?s|turn(?:s|ed|ing)"
_CALLED = "pass(?:word|code|phrase|wd)?|pwd?|pw"
_MIXED = r"(?=[^\s\"'`]*[\d!@#$%^&*+?])"
_SAID = r"\s*(?:is|was|:|=|-)\s*[\"'`]?"


@dataclass(frozen=True, slots=True)
class Described:
    """How an entity is written: patterns with their scores, and the words before it."""

    patterns: Sequence[tuple[str, float]]
    clues: tuple[str, ...] = ()


OWN: Mapping[str, Described] = MappingProxyType(
    {
        "AGE": Described(
            (
                (r"\b\d{1,3}(?=[- ]?(?:years?|yrs?|months?)[- ]old\b|[- ]?y/?o\b)", 0.8),
                (r"(?<=\b(?:aged|age|age of|aged about)[:\s]{1,2})\d{1,3}\b", 0.7),
                (rf"(?<=\b(?:{_BEING}) )\d{{2}}(?= (?:now|today|and|in\b)|[,.;!])", 0.5),
            )
        ),
        "BANK_ACCOUNT": Described(
            ((r"\b\d{8,17}\b", 0.2), (r"\b\d{4}[- ]\d{4,10}\b", 0.15)),
            ("account", "acct", "a/c", "konto", "compte", "cuenta", "conto"),
        ),
        "DATE_TIME": Described(
            (
                (rf"\b{_NTH}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", 0.7),
                (rf"\b{_MONTH} {_NTH}(?:,? {_YEAR})?\b", 0.7),
                (rf"\b{_MONTH} {_YEAR}\b", 0.7),
                (rf"\b{_YEAR}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?\b", 0.8),
                (rf"\b\d{{1,2}}([./-])\d{{1,2}}\1{_YEAR}\b", 0.8),
            )
        ),
        "DRIVER_LICENSE": Described(
            ((r"\b[A-Z]{1,2}[- ]?\d{5,8}\b", 0.2), (r"\b\d{7,9}\b", 0.2)),
            ("driver", "driving licen", "licence", "license"),
        ),
        "LICENSE_PLATE": Described(
            (
                (r"\b[A-Z]{1,3}[- ]?\d{1,4}[- ]?[A-Z]{0,3}\b", 0.2),
                (r"\b\d{1,4}[- ]?[A-Z]{2,3}[- ]?\d{0,4}\b", 0.2),
            ),
            ("plate", "number plate", "registration", "vehicle reg", "kennzeichen", "rego"),
        ),
        "MEDICAL_RECORD": Described(
            ((r"\b(?:MRN)?[A-Z]{0,3}[-#]?\d{5,10}\b", 0.2),),
            ("mrn", "medical record", "patient id", "patient no", "patient number", "chart no"),
        ),
        "PASSPORT": Described(
            ((r"\b[A-Z]{1,2}\d{6,8}\b", 0.2), (r"\b\d{9}\b", 0.2)),
            ("passport", "reisepass", "passeport", "pasaporte", "passaporto"),
        ),
        "PASSWORD": Described(
            ((rf"(?<=\b(?:{_CALLED}){_SAID}){_MIXED}[^\s\"'`]{{4,64}}(?<![.,;:])", 0.7),)
        ),
        "USERNAME": Described(
            ((rf"(?<=\b(?:user ?name|user ?id|login|handle){_SAID})[\w.-]{{3,32}}\b", 0.55),)
        ),
        "ZIP_CODE": Described(
            (
                (r"\b\d{5}(?:-\d{4})?\b", 0.2),
                (r"\b\d{4} ?[A-Z]{2}\b", 0.2),
                (r"\b\d{2}-\d{3}\b", 0.2),
            ),
            ("zip", "postcode", "post code", "postal code", "plz", "code postal", "cap "),
        ),
    }
)


def recogniser(entity: str) -> PatternRecognizer:
    """Build the recogniser of an entity."""
    described = OWN[entity]
    patterns = [
        Pattern(f"{entity.lower()} {number}", pattern, score)
        for number, (pattern, score) in enumerate(described.patterns, 1)
    ]
    return PatternRecognizer(
        supported_entity=entity, patterns=patterns, context=list(described.clues)
    )
