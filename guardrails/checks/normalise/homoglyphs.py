"""Letters of other scripts that look like Latin ones, from the confusables of Unicode UTS #39."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from unicodedata import category, normalize

from confusable_homoglyphs.confusables import confusables_data

_DOTLESS_I = "\u0131"
"""A look-alike that is a letter of its own: Turkish tells it from ``i``."""

_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_BOXED = {
    chr(first + number): chr(ord("A") + number)
    for first in (0x1F150, 0x1F170)  # white letters on black discs and squares
    for number in range(26)
}
_SHAPED_ALIKE = dict(zip("вкмнтКТМН", "bkmhtKTMH", strict=True))
"""Cyrillic letters that pass for Latin ones, but are not of one shape with them."""


def _confusables() -> Iterator[tuple[str, str]]:
    for letter, alike in confusables_data.items():
        if len(letter) != 1 or letter.isascii() or category(letter)[0] != "L":
            continue
        if letter == _DOTLESS_I or normalize("NFKC", letter) != letter:
            continue
        for latin in (entry["c"] for entry in alike):
            if len(latin) == 1 and latin.isascii() and latin.isalpha():
                yield letter, "I" if latin == "l" and letter.isupper() else latin


LATIN: Mapping[str, str] = MappingProxyType(
    {**_SHAPED_ALIKE, **_SMALL_CAPITALS, **_BOXED, **dict(_confusables())}
)
"""The ASCII letter that each look-alike passes for."""

_FOLD = str.maketrans(dict(LATIN))


def folded(text: str) -> str:
    """Put the Latin letter in the place of each look-alike, one for one."""
    return text.translate(_FOLD)
