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
    "DRIVER_LICENSE",
    "PASSPORT",
    "BANK_ACCOUNT",
    "MEDICAL_RECORD",
    "LICENSE_PLATE",
    "USERNAME",
    "PASSWORD",
)
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
OUTSIDE = 0

SAME: Mapping[str, str] = MappingProxyType(
    {
        "US_DRIVER_LICENSE": "DRIVER_LICENSE",
        "US_PASSPORT": "PASSPORT",
        "US_BANK_NUMBER": "BANK_ACCOUNT",
    }
)
"""Names of the data sets for kinds of ours; what is neither here nor a kind is left to patterns."""

NEWS_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PERSON": ("PERSON",),
        "ORGANIZATION": ("ORGANIZATION",),
        "LOCATION": ("LOCATION", "GPE", "STREET_ADDRESS"),
        "": ("DATE_TIME", "AGE", "NRP", "TITLE", "USERNAME", "ZIP_CODE", "PHONE_NUMBER"),
    }
)
"""What the labels of news and tweets may be in ours; "" is what their makers did not look for."""
