"""Characters that a reader cannot see, where no writing system calls for them."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What an invisible character is made for."""

    TAG = "tag"
    BIDI = "bidi"
    VARIATION = "variation"
    SOFT_HYPHEN = "soft_hyphen"
    CONTROL = "control"
    ZERO_WIDTH = "zero_width"


class Hidden(NamedTuple):
    """A run of one kind, in code points."""

    start: int
    end: int
    kind: Kind


_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_TAG = r"\U000e0000-\U000e007f"
_MARK = r"\u200e\u200f\u061c"
_BIDI = _MARK + r"\u202a-\u202e\u2066-\u2069"
_VARIATION = r"\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f"
_SOFT = r"\u00ad"
_ZERO = (
    r"\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff"
    r"\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
)

_EMOJI = (
    r"\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\xa9\xae\U0001f000-\U0001faff"
)
_RTL = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_JOINING = r"\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_IDEOGRAPH = r"\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_FLAG = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")  # the only ones that Unicode recommends
)
_CALLED_FOR = (
    rf"\A\ufeff"
    rf"|(?<=\U0001f3f4)(?:{_FLAG})\U000e007f"
    rf"|(?<=[{_EMOJI}])[\ufe0e\ufe0f](?:\u200d(?=[{_EMOJI}]))?(?![{_VARIATION}])"
    rf"|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])"
    rf"|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    rf"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}\s]|\Z)"
    rf"|(?<=[{_IDEOGRAPH}])[\ufe00-\ufe0f\U000e0100-\U000e01ef](?![{_VARIATION}])"
    rf"|(?<=[\u1000-\u109f\u1800-\u18af\u2200-\u22ff])[{_VARIATION}\u180e](?![{_VARIATION}])"
    rf"|(?<=[\u1100-\u11ff])[\u115f\u1160]|[\u115f\u1160](?=[\u1100-\u11ff])"
)
_INVISIBLE = re.compile(
    f"(?=[{_CONTROL}{_TAG}{_BIDI}{_VARIATION}{_SOFT}{_ZERO}])(?:"
    f"(?P<called_for>{_CALLED_FOR})"
    f"|(?P<tag>[{_TAG}]+)|(?P<bidi>[{_BIDI}]+)|(?P<variation>[{_VARIATION}]+)"
    f"|(?P<soft_hyphen>[{_SOFT}]+)|(?P<control>[{_CONTROL}]+)|(?P<zero_width>[{_ZERO}]+))"
)
_KINDS = {kind.value: kind for kind in Kind}
_CONTROLS = re.compile(f"[{_CONTROL}]")
_RIGHT_TO_LEFT = re.compile(f"[{_RTL}]")
_OVERRIDE = re.compile(r"[\u202d\u202e]")
_NARROW = re.compile(r"[0-9A-Za-z]")


def hidden(text: str) -> Iterator[Hidden]:
    """Find what no reader sees and no script needs, run by run, in order.

    Emoji sequences, flags, joiners in Persian and Indic words, direction marks in right-to-left
    text and a leading byte order mark are called for.
    """
    if text.isascii() and not _CONTROLS.search(text):
        return
    right_to_left = _RIGHT_TO_LEFT.search(text) is not None
    for run in _INVISIBLE.finditer(text):
        kind = _KINDS.get(run.lastgroup or "")
        if kind is None or (
            kind is Kind.BIDI and right_to_left and not _misplaced(text, run.start(), run.end())
        ):
            continue
        yield Hidden(run.start(), run.end(), kind)


def _misplaced(text: str, start: int, end: int) -> bool:
    """Whether direction marks in right-to-left text do more than set a direction."""
    inside_word = start and _NARROW.match(text, start - 1) and _NARROW.match(text, end)
    return bool(inside_word or _OVERRIDE.search(text, start, end))
