"""Finds the terms of a list, thousands at once, also when they are disguised."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category as unicode_category

from ahocorasick_rs import AhoCorasick

from guardrails.checks.normalise.rewrite import Edit, rewrite
from guardrails.core.content import Text
from guardrails.core.view import Span, View

_SPACES = str.maketrans("\t\n\r\u00a0", "    ")
"""A term of two words is found across the end of a line."""
_GAP = re.compile(r"[\s\-_*/~+`'\"\u00b7\u2010-\u2015]+")
"""What may stand between the words of a term, in disguise; the end of a sentence may not."""
_ODD_GAP = re.compile(r"[\-_*/~+`'\"\u00b7\u2010-\u2015]|\s\s")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Japanese syllables
    (0x3400, 0x9FFF),  # Chinese characters
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts that put no space between words."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term as it was listed, the original characters that it stands at, and the view it is of."""

    listed: str
    where: Span
    view: View


class Terms:
    """The terms of a list, compiled once.

    Args:
        listed: the terms; blank ones must not be among them.
        case_sensitive: whether ``Apple`` is another term than ``apple``.
        whole_words: whether words must end at both edges of a term.
        disguised: whether normalised views count, and gaps between the words of a term.
    """

    def __init__(
        self,
        listed: Sequence[str],
        *,
        case_sensitive: bool = False,
        whole_words: bool = True,
        disguised: bool = True,
    ) -> None:
        self._case_sensitive, self._whole_words = case_sensitive, whole_words
        self._disguised = disguised
        words = {self._cased(word.strip()): word.strip() for word in reversed(listed)}
        self._listed = tuple(words.values())
        self._terms = AhoCorasick(tuple(words))
        phrases = {_GAP.sub(" ", word): each for word, each in words.items() if " " in word}
        self._phrased = tuple(phrases.values())
        self._phrases = AhoCorasick(tuple(phrases)) if phrases and disguised else None

    def found(self, subject: Text) -> Iterator[Term]:
        """Find each term, in every view; a term inside a longer one is not told again."""
        for view in subject.views if self._disguised else subject.views[:1]:
            yield from self._read(subject.text, view)

    def _read(self, original: str, view: View) -> Iterator[Term]:
        yield from self._in_view(self._terms, self._listed, original, view)
        if self._phrases is not None and _ODD_GAP.search(view.text):
            gaps = (Edit(gap.start(), gap.end(), " ") for gap in _GAP.finditer(view.text))
            spaced = rewrite(view, gaps, view.how)
            yield from self._in_view(self._phrases, self._phrased, original, spaced)

    def _in_view(
        self, terms: AhoCorasick, listed: Sequence[str], original: str, view: View
    ) -> Iterator[Term]:
        text = self._cased(view.text)
        matches = terms.find_matches_as_indexes(text, overlapping=True)
        if not matches:
            return
        offsets = None if len(text) == len(view.text) else _offsets(view.text)
        spans = {
            Span(start, end) if offsets is None else Span(offsets[start], offsets[end - 1] + 1): (
                listed[number]
            )
            for number, start, end in matches
        }
        for span in _outermost(span for span in spans if self._stands(original, view, span)):
            yield Term(spans[span], view.original(span.start, span.end), view)

    def _cased(self, text: str) -> str:
        spaced = text.translate(_SPACES)
        return spaced if self._case_sensitive else spaced.casefold()

    def _stands(self, original: str, view: View, span: Span) -> bool:
        """Whether words end at both edges of a match."""
        return not self._whole_words or not (
            _joined(original, view, span.start) or _joined(original, view, span.end)
        )


def _joined(original: str, view: View, at: int) -> bool:
    """Whether one word goes on across this place."""
    if not 0 < at < len(view.text):
        return False
    left, right = view.text[at - 1], view.text[at]
    if not (_in_word(left) and _in_word(right)):
        return False
    if _is_unspaced(left) or _is_unspaced(right):
        return False
    return not _was_spaced(original, view, at)


def _was_spaced(original: str, view: View, at: int) -> bool:
    """Whether normalising took a separator from here: nobody knows where such words end."""
    if not view.origins:
        return False
    gap = original[view.ends[at - 1] : view.origins[at]]
    return any(character.isprintable() and not _in_word(character) for character in gap)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicode_category(character)[0] == "M"


def _is_unspaced(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _UNSPACED)


def _offsets(text: str) -> list[int]:
    """Give the place of each case-folded character: some, such as ``ß``, fold to two."""
    return [at for at, character in enumerate(text) for _ in character.casefold()]


def _outermost(spans: Iterator[Span]) -> Iterator[Span]:
    reached = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.end > reached:
            yield span
            reached = span.end
