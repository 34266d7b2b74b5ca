"""What the net names, and what a label of a data set may stand for."""

from collections.abc import Mapping
from types import MappingProxyType

KINDS = (
    "PERSON",
    "ORGANIZATION",
    "GPE",
    "LOCATION",
    "STREET_ADDRESS",
    "ZIP_CODE",
    "DATE_TIME",
    "AGE",
    "NRP",
    "TITLE",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "URL",
    "DOMAIN_NAME",
    "USERNAME",
    "PASSWORD",
    "API_KEY",
    "CREDIT_CARD",
    "IBAN_CODE",
    "BANK_ACCOUNT",
    "CRYPTO",
    "US_SSN",
    "GOVERNMENT_ID",
    "TAX_ID",
    "DRIVER_LICENSE",
    "PASSPORT",
    "MEDICAL_RECORD",
    "LICENSE_PLATE",
    "IP_ADDRESS",
    "MAC_ADDRESS",
    "UUID",
)
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
OUTSIDE = 0
NEWS = "ner"
"""The set whose makers looked for names of persons, places and organisations alone."""

SAME: Mapping[str, str] = MappingProxyType(
    {
        "US_DRIVER_LICENSE": "DRIVER_LICENSE",
        "US_PASSPORT": "PASSPORT",
        "US_BANK_NUMBER": "BANK_ACCOUNT",
        "UK_NHS": "GOVERNMENT_ID",
        "IN_AADHAAR": "GOVERNMENT_ID",
        "IN_PAN": "TAX_ID",
    }
)
"""Names of the data sets for kinds of ours; what is neither here nor a kind is left to patterns."""

_PLACES = ("LOCATION", "GPE", "STREET_ADDRESS")
_LOOKED_FOR = ("PERSON", "ORGANIZATION", *_PLACES)

NEWS_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PERSON": ("PERSON",),
        "ORGANIZATION": ("ORGANIZATION",),
        "LOCATION": _PLACES,
        "": tuple(kind for kind in KINDS if kind not in _LOOKED_FOR),
    }
)
"""What the labels of news and tweets may be in ours; "" is what their makers did not look for."""


def as_news(kind: str) -> str:
    """Name a kind of ours as the makers of the news would, "" when they did not look for it."""
    return "LOCATION" if kind in _PLACES else kind if kind in _LOOKED_FOR else ""
