"""Telephone numbers, by the tables of libphonenumber; only what can be one is looked up."""

import re
from collections.abc import Iterator

import phonenumbers
from presidio_analyzer import LocalRecognizer, RecognizerResult

WITH_TRUNK_PREFIX = ("GB", "DE", "FR", "IL", "IN", "AU", "NL", "SE", "FI", "IT")
WITHOUT = ("US", "IN", "BR", "ES", "PL", "IT")
"""Where a number without a country code may be from, by whether it starts with a zero; Canada
dials as the US."""
_FEWEST, _MOST = 7, 17
"""Digits, an extension left out; ITU-T E.164 allows 15."""
_VALID, _UNKNOWN = 0.4, 0.15
_SHAPED = re.compile(
    r"(?<![\w.,])(?:\+ ?)?\(?\d{1,15}(?:[ \t./()\u2010-\u2015-]{1,3}\d{2,12}){0,6}"
    r"(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w)"
)
_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?\d+$")
_CLUES = ["phone", "tel", "cell", "mobile", "call", "dial", "fax", "sms", "whatsapp", "handy"]


class Telephones(LocalRecognizer):
    """Finds telephone numbers in time that is linear in the text.

    Presidio's own has libphonenumber search the whole text once for each region, which takes long
    for hostile digits, and after so many tries skips the rest in silence. It also takes "number"
    for a clue, which orders and tickets have too.
    """

    def __init__(self) -> None:
        super().__init__(supported_entities=["PHONE_NUMBER"], context=_CLUES)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: object = None
    ) -> list[RecognizerResult]:
        """Find numbers: those that some region gives out, and faintly what has their shape."""
        del entities, nlp_artifacts
        return [
            RecognizerResult("PHONE_NUMBER", start, end, score)
            for start, end, score in self._found(text)
        ]

    def _found(self, text: str) -> Iterator[tuple[int, int, float]]:
        known: dict[str, bool] = {}
        for shaped in _SHAPED.finditer(text):
            number = _EXTENSION.sub("", shaped[0])
            if sum(map(str.isdecimal, number)) in range(_FEWEST, _MOST + 1):
                if number not in known:
                    known[number] = _is_given_out(number)
                yield shaped.start(), shaped.end(), _VALID if known[number] else _UNKNOWN


def _is_given_out(number: str) -> bool:
    """Whether some region gives out such a number."""
    regions: tuple[str | None, ...] = (None,)
    if not number.startswith("+"):
        regions = WITH_TRUNK_PREFIX if number.lstrip("(").startswith("0") else WITHOUT
    return any(_is_valid(number, region) for region in regions)


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
