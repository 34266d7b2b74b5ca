"""Telephone numbers, by the tables of libphonenumber; only what can be one is looked up."""

import re
from collections.abc import Iterator

import phonenumbers
from presidio_analyzer import LocalRecognizer, RecognizerResult

REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "BR", "ES", "IT", "AU", "NL", "PL", "SE", "FI")
"""Where a number without a country code may be from; Canada dials as the US."""
_FEWEST, _MOST = 7, 17
"""Digits, an extension left out; ITU-T E.164 allows 15."""
_VALID, _UNKNOWN = 0.4, 0.15
_TRIES = 8
_SHAPED = re.compile(
    r"(?<![\w.,])(?:\+ ?)?\(?\d{1,15}(?:[ \t./()\u2010-\u2015-]{1,3}\d{2,12}){0,6}"
    r"(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w)"
)
_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?\d+$")
_CLUES = ["phone", "tel", "cell", "mobile", "call", "dial", "fax", "sms", "whatsapp", "handy"]


class Telephones(LocalRecognizer):
    """Finds telephone numbers in time that is linear in the text.

    Presidio's own has libphonenumber search the whole text once for each region, which takes a
    minute for hostile digits. It also takes "number" for a clue, which orders and tickets have too.
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
        for shaped in _SHAPED.finditer(text):
            plain = _EXTENSION.sub("", shaped[0])
            if sum(map(str.isdecimal, plain)) in range(_FEWEST, _MOST + 1):
                start = shaped.start()
                valid = _valid(shaped[0])
                if valid:
                    yield start + valid[0], start + valid[1], _VALID
                else:
                    yield start, shaped.end(), _UNKNOWN


def _valid(shaped: str) -> tuple[int, int] | None:
    """The part that some region gives out."""
    regions = (None,) if shaped.startswith("+") else REGIONS
    for region in regions:
        for match in phonenumbers.PhoneNumberMatcher(
            shaped, region, max_tries=_TRIES, min_candidate_length=_FEWEST
        ):
            return match.start, match.end
    return None
