"""Recognisers of our own, for what Presidio's leave out; tables, in Presidio's framework.

A faint pattern counts only where one of its clues stands before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from presidio_analyzer import Pattern, PatternRecognizer

from guardrails.checks.pii import addresses, dates

_BEING = "I'?m|I am|he'?s|she'?s|turn(?:s|ed|ing)"
_YEARS = "(?:years?|yrs?|months?|weeks?|ans|años|anos|anni|Jahre|jaar|lat)"
_OLD = r"(?:[- ]old\b|[- ]of[- ]age\b| alte?[rns]?\b| oude?\b)"
_AGED = "aged|age|age of|aged about|age is|ages|alter|edad|idade|età"
_HAVING = "je suis âgée? de|âgée? de|tengo|tiene|tenho|tem|ho|ha"
_CALLED = (
    "pass(?:word|code|phrase|wd)?|pwd?|pw|passwort|kennwort|mot de passe|contraseña|senha"
    "|wachtwoord"
)
_MIXED = r"(?=[^\s\"'`]{0,64}[\d!@#$%^&*+?])"
_IS = r"[^\S\n]{0,3}(?:is|was|ist|es|est|è|:|=|->|-)[^\S\n]{0,3}[\"'`]?"
_KEYLIKE = r"(?=[A-Za-z./+=~_-]{0,60}\d)(?=[\d./+=~_-]{0,60}[A-Za-z])"
_USER = "user ?name|user ?id|login|handle|nick(?:name)?"
_NO_DECORATOR = r"(?![.(@/]\w|\(|\s{0,9}\n\s{0,9}(?:async|def|class|public|private|@))"

Proof = Callable[[str], bool | None]
"""Whether a stretch is right (True), wrong (False), or no more than its pattern says (None)."""


@dataclass(frozen=True, slots=True)
class Described:
    """How an entity is written: patterns with their scores, the words before it, and its proof."""

    patterns: Sequence[tuple[str, float]]
    clues: tuple[str, ...] = ()
    proof: Proof | None = None


def _vin(text: str) -> bool | None:
    """Whether the check digit of a vehicle holds (49 CFR 565.15); only America requires one."""
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    letters = text.upper()
    digits = [int(values.get(letter, letter)) for letter in letters]
    rest = sum(map(int.__mul__, digits, weights)) % 11
    return True if letters[8] == "0123456789X"[rest] else None


OWN: Mapping[str, Described] = MappingProxyType(
    {
        "AGE": Described(
            (
                (rf"\b\d{{1,3}}(?=[- ]?{_YEARS}{_OLD}|[- ]?y/?o\b|[- ]?yr old\b)", 0.8),
                (rf"(?<=\b(?:{_HAVING}) )\d{{1,3}}(?= {_YEARS}\b)", 0.7),
                (rf"(?<=\b(?:{_AGED})(?:: ?| ))\d{{1,3}}\b(?![.,]\d)", 0.7),
                (rf"(?<=\b(?:{_BEING}) )\d{{2}}(?= (?:now|today|and)\b|[,.;!])(?![.,]\d)", 0.5),
            )
        ),
        "API_KEY": Described(
            ((rf"(?:key|token|secret)\"?{_IS}\K{_KEYLIKE}[\w./+=~-]{{12,200}}(?<!\.)", 0.7),)
        ),
        "BANK_ACCOUNT": Described(
            ((r"\b\d{8,17}\b", 0.2), (r"\b\d{4}[- ]\d{4,10}\b", 0.15)),
            ("account", "acct", "a/c", "konto", "compte", "cuenta", "conto ", "conta "),
        ),
        "DATE_TIME": Described(dates.PATTERNS, (*dates.BIRTH, "date", "datum", "fecha")),
        "DRIVER_LICENSE": Described(
            ((r"\b[A-Z]{1,2}[- ]?\d{5,8}\b", 0.2), (r"\b\d{7,9}\b", 0.2)),
            ("driver", "driving licen", "licence", "license", "führerschein", "permis"),
        ),
        "LICENSE_PLATE": Described(
            (
                (r"(?-i:\b[A-Z]{1,3}[- ]?\d{1,4}(?:[- ]?[A-Z]{1,3})?\b)", 0.2),
                (r"(?-i:\b\d{1,4}[- ]?[A-Z]{2,3}(?:[- ]?\d{1,4})?\b)", 0.2),
                (r"(?-i:\b[A-Z]{1,3}[- ][A-Z]{1,2} ?\d{1,4}\b)", 0.2),
            ),
            ("plate", "registration", "vehicle reg", "kennzeichen", "rego", "matrícula", "targa"),
        ),
        "MEDICAL_RECORD": Described(
            ((r"\b[A-Z]{0,3}[-#]?\d{5,10}\b", 0.2), (r"\bMRN[-:# ]{1,2}\K\d{5,10}\b", 0.7)),
            ("mrn", "medical record", "patient id", "patient no", "patient number", "chart"),
        ),
        "PASSPORT": Described(
            ((r"\b[A-Z]{1,2}\d{6,8}\b", 0.2), (r"\b\d{9}\b", 0.2)),
            ("passport", "reisepass", "passeport", "pasaporte", "passaporto", "passaporte"),
        ),
        "PASSWORD": Described(
            (
                (rf"\b(?:{_CALLED}){_IS}\K{_MIXED}[^\s\"'`]{{4,64}}(?<![.,;:])", 0.7),
                (rf"\b(?:{_CALLED})[:=]?[ ]?[\"'`]\K[^\s\"'`]{{4,64}}(?=[\"'`])", 0.6),
            )
        ),
        "STREET_ADDRESS": Described(addresses.STREETS),
        "TITLE": Described(addresses.TITLES),
        "USERNAME": Described(
            (
                (rf"\b(?:{_USER}){_IS}\K@?[\w.-]{{3,32}}\b", 0.55),
                (r"\buser[\"']?[=:][ ]?[\"']?\K[\w.-]{3,32}\b", 0.55),
                (rf"(?<![\w.@/])@(?=\w{{0,30}}[A-Za-z])\w{{3,30}}\b{_NO_DECORATOR}", 0.6),
            )
        ),
        "VIN": Described(
            ((r"\b(?=[A-Z\d]{0,16}\d)(?=\d{0,16}[A-Z])[A-HJ-NPR-Z\d]{13}\d{4}\b", 0.25),),
            ("vin", "vehicle identification", "chassis", "fahrgestell"),
            _vin,
        ),
        "ZIP_CODE": Described(addresses.POSTCODES, addresses.BEFORE_POSTCODES),
    }
)


class _Own(PatternRecognizer):
    """A recogniser by its description."""

    def __init__(self, entity: str, described: Described) -> None:
        patterns = [
            Pattern(f"{entity.lower()} {number}", pattern, score)
            for number, (pattern, score) in enumerate(described.patterns, 1)
        ]
        clues = list(described.clues)
        super().__init__(supported_entity=entity, patterns=patterns, context=clues)
        self._proof = described.proof

    def validate_result(self, pattern_text: str) -> bool | None:
        """Whether it is right as it stands."""
        return self._proof(pattern_text) if self._proof else None


def recogniser(entity: str) -> PatternRecognizer:
    """Build the recogniser of an entity."""
    return _Own(entity, OWN[entity])
