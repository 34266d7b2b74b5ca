"""The normalised view: what a reader takes a text for, in plain letters."""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from unicodedata import normalize

from guardrails.checks.normalise.homoglyphs import LATIN, folded
from guardrails.checks.normalise.invisible import hidden
from guardrails.checks.normalise.rewrite import Edit, rewrite, then
from guardrails.core.view import View

_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20e2\u20e4-\u20ff\ufe20-\ufe2f"
)
_MARKED = re.compile(f"[^{_MARKS}]?[{_MARKS}]+")
_STRIPPED = re.compile(f"[{_MARKS}]+")

_ORDINARY = frozenset("…™¨¯¼½¾ª²³¹\u00b4\u00b8\u0e33\u0eb3")
"""What prose is full of, and reads the same either way."""
_CJK = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_WIDE_PUNCTUATION = re.compile(r"[\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
_LONGEST = 4
"""Some ligatures stand for a sentence: they are left alone, so that no view can explode."""

_WORD = re.compile(r"[^\W\d_]+|[\U0001f150-\U0001f189]+")
_SPACED = re.compile(
    r"(?<![^\W_])(?<![^\W_][-_])[^\W_]"  # not the end of a token like `ab-c`
    r"([^\w\n]{1,3}|_)[^\W_](?:\1[^\W_])+"
    r"(?![^\W_])(?![-_][^\W_])"
)
_SPACED_LETTER = re.compile(r"[\W_][^\W_][\W_]{1,3}[^\W_](?![^\W_])")


def normalised(view: View) -> View:
    """Undo what leaves a text readable to people but not to a search; the view itself if nothing.

    Invisible characters go, stacked marks go, compatibility forms become plain (NFKC), look-alikes
    become Latin in Latin company, and letters that were set apart are rejoined.
    """
    plain = view
    for find in _PASSES:
        if edits := find(plain.text):
            plain = rewrite(plain, edits, then(view, "normalised"))
    return plain


def _invisible(text: str) -> Sequence[Edit]:
    return [Edit(found.start, found.end, "") for found in hidden(text)]


def _marks(text: str) -> Sequence[Edit]:
    if text.isascii():
        return ()
    return [
        Edit(found.start(), found.end(), _unmarked(found.group()))
        for found in _MARKED.finditer(text)
    ]


def _unmarked(cluster: str) -> str:
    """Compose a letter with its marks; marks that do not fit into one letter only disguise it."""
    composed = normalize("NFC", cluster)
    return composed if len(composed) == 1 else _STRIPPED.sub("", normalize("NFD", cluster))


def _compatibility(text: str) -> Sequence[Edit]:
    if text.isascii() or not (plain := _plain_forms(text)):
        return ()
    return [
        Edit(at, at + 1, plain[character])
        for at, character in enumerate(text)
        if character in plain and not _is_cjk_punctuation(text, at)
    ]


def _plain_forms(text: str) -> dict[str, str]:
    forms = {
        character: normalize("NFKC", character)
        for character in set(text) - _ORDINARY
        if not character.isascii()
    }
    return {
        character: plain
        for character, plain in forms.items()
        if plain != character and len(plain) <= _LONGEST
    }


def _is_cjk_punctuation(text: str, at: int) -> bool:
    return (
        at > 0
        and _WIDE_PUNCTUATION.match(text, at) is not None
        and _CJK.match(text, at - 1) is not None
    )


class _Script(Enum):
    LATIN = auto()
    MIXED = auto()
    ALIKE = auto()
    OTHER = auto()


def _homoglyphs(text: str) -> Sequence[Edit]:
    if text.isascii() or LATIN.keys().isdisjoint(text):
        return ()
    return [Edit(word.start(), word.end(), folded(word.group())) for word in _disguised_words(text)]


def _disguised_words(text: str) -> Iterator[re.Match[str]]:
    """Find words of more than one script, and words of look-alikes alone in no other company."""
    waiting: list[re.Match[str]] = []
    before = _Script.LATIN
    for word in _WORD.finditer(text):
        script = _script(word.group())
        if script is _Script.ALIKE:
            waiting.append(word)
            continue
        if _Script.OTHER not in (before, script):
            yield from waiting
        waiting.clear()
        if script is _Script.MIXED:
            yield word
        before = script
    if before is not _Script.OTHER:
        yield from waiting


def _script(word: str) -> _Script:
    if word.isascii():
        return _Script.LATIN
    plain = folded(word)
    has_latin = any(character.isascii() for character in word)
    if plain == word:
        return _Script.LATIN if has_latin else _Script.OTHER
    if has_latin:
        return _Script.MIXED
    return _Script.ALIKE if plain.isascii() else _Script.OTHER


def _spacing(text: str) -> Sequence[Edit]:
    """Drop what stands between letters set apart; figures alone stay as they are."""
    if not _SPACED_LETTER.search(text):
        return ()
    edits: list[Edit] = []
    for run in _SPACED.finditer(text):
        if any(character.isalpha() for character in run.group()):
            edits += _gaps(run)
    return edits


def _gaps(run: re.Match[str]) -> Iterator[Edit]:
    width = len(run.group(1))
    for start in range(run.start() + 1, run.end(), width + 1):
        yield Edit(start, start + width, "")


_PASSES: tuple[Callable[[str], Sequence[Edit]], ...] = (
    _invisible,
    _marks,
    _compatibility,
    _homoglyphs,
    _spacing,
)
