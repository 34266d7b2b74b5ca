"""What tag characters and variation selectors spell, unseen."""

import re
from collections.abc import Iterator

from guardrails.checks.normalise.invisible import Hidden, Kind, hidden
from guardrails.checks.normalise.rewrite import Edit, excerpt, then
from guardrails.core.view import View

_CARRIER = re.compile(r"[\U000e0000-\U000e01ef\ufe00-\ufe0e]")
_TAG_LETTERS = {
    0xE0000 + code: chr(code) if chr(code).isprintable() else " " for code in range(0x80)
}
_SELECTORS = (0xFE00, 0xFE10)
_MORE_SELECTORS = 0xE0100


def smuggled(view: View) -> Iterator[View]:
    """Read ASCII hidden in tag characters, and bytes hidden in variation selectors.

    The second is the encoding of Paul Butler, "Smuggling arbitrary data through an emoji" (2025).
    """
    if not _CARRIER.search(view.text):
        return
    found = tuple(hidden(view.text))
    if tags := [_from_tags(view.text, run) for run in found if run.kind is Kind.TAG]:
        yield excerpt(view, tags, then(view, "decoded from tag characters"))
    selectors = (_from_selectors(view.text, run) for run in found if run.kind is Kind.VARIATION)
    if texts := [edit for edit in selectors if edit is not None]:
        yield excerpt(view, texts, then(view, "decoded from variation selectors"))


def _from_tags(text: str, run: Hidden) -> Edit:
    return Edit(run.start, run.end, text[run.start : run.end].translate(_TAG_LETTERS))


def _from_selectors(text: str, run: Hidden) -> Edit | None:
    try:
        plain = bytes(_byte(selector) for selector in text[run.start : run.end]).decode()
    except (ValueError, UnicodeDecodeError):
        return None
    return Edit(run.start, run.end, plain) if len(plain) > 1 else None


def _byte(selector: str) -> int:
    first, behind = _SELECTORS
    point = ord(selector)
    return point - first if first <= point < behind else point - _MORE_SELECTORS + behind - first
