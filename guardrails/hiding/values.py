"""When two ways of writing mean the same value. Pure."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_DIGITAL = ("PHONE", "CARD", "SSN", "IBAN", "NUMBER", "NINO", "NHS", "PASSPORT", "AADHAAR")
_PUNCTUATION = re.compile(r"[^\w+]|_")


def same(category: str, value: str) -> str:
    """Give what is equal for values that mean the same: no case, no layout, no stray spaces."""
    plain = _SPACE.sub(" ", unicodedata.normalize("NFKC", value)).strip().casefold()
    if any(word in category.upper() for word in _DIGITAL):
        return _PUNCTUATION.sub("", plain) or plain
    return plain
