"""Terms from a list, thousands at once, also when they are disguised."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from unicodedata import category as unicode_category

from ahocorasick_rs import AhoCorasick
from pydantic import field_validator, model_validator

from guardrails.checks.findings import distinct, evidence
from guardrails.checks.listed import ListFile, lines
from guardrails.checks.normalise.rewrite import Edit, rewrite
from guardrails.checks.settings import Settings
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
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


class KeywordSettings(Settings):
    """Which terms, and how strictly they are compared.

    ``words_file`` holds one term a line; blank lines and lines that begin with ``#`` do not count.
    Its path starts at the policy's folder.
    """

    words: tuple[str, ...] = ()
    words_file: ListFile | None = None
    category: str = "keyword"
    case_sensitive: bool = False
    whole_words: bool = True
    disguised: bool = True

    @field_validator("words")
    @classmethod
    def _none_is_blank(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for number, word in enumerate(words, start=1):
            if not word.strip():
                raise ValueError(f"word {number} is blank, it would match everywhere")
        return words

    @field_validator("words_file")
    @classmethod
    def _holds_words(cls, path: Path | None) -> Path | None:
        if path and not lines(path):
            raise ValueError(f"'{path}' holds no terms")
        return path

    @model_validator(mode="after")
    def _has_words(self) -> "KeywordSettings":
        if not self.words and self.words_file is None:
            raise ValueError("no terms, give 'words' or 'words_file'")
        return self


class Keywords:
    """Finds the terms of a list."""

    Settings = KeywordSettings
    inspects = Text
    cost = Cost.LIGHT

    def __init__(self, settings: KeywordSettings) -> None:
        self.categories = (settings.category,)
        self._settings = settings
        listed = (*settings.words, *(lines(settings.words_file) if settings.words_file else ()))
        self._words = tuple(dict.fromkeys(self._cased(word.strip()) for word in listed))
        self._terms = AhoCorasick(self._words)
        phrases = [_GAP.sub(" ", word) for word in self._words if " " in word]
        self._phrases = AhoCorasick(phrases) if phrases and settings.disguised else None

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find each term, in every view; a term inside a longer one is not told again."""
        views = subject.views if self._settings.disguised else subject.views[:1]
        return distinct(finding for view in views for finding in self._read(subject.text, view))

    def _read(self, original: str, view: View) -> Iterator[Finding]:
        yield from self._in_view(self._terms, original, view)
        if self._phrases is not None and _ODD_GAP.search(view.text):
            gaps = (Edit(gap.start(), gap.end(), " ") for gap in _GAP.finditer(view.text))
            yield from self._in_view(self._phrases, original, rewrite(view, gaps, view.how))

    def _in_view(self, terms: AhoCorasick, original: str, view: View) -> Iterator[Finding]:
        text = self._cased(view.text)
        matches = terms.find_matches_as_indexes(text, overlapping=True)
        if not matches:
            return
        offsets = None if len(text) == len(view.text) else _offsets(view.text)
        spans = (
            Span(start, end) if offsets is None else Span(offsets[start], offsets[end - 1] + 1)
            for _, start, end in matches
        )
        for span in _outermost(span for span in spans if self._stands(original, view, span)):
            where = view.original(span.start, span.end)
            yield Finding(self._settings.category, 1.0, where, evidence("listed term", view))

    def _cased(self, text: str) -> str:
        spaced = text.translate(_SPACES)
        return spaced if self._settings.case_sensitive else spaced.casefold()

    def _stands(self, original: str, view: View, span: Span) -> bool:
        """Whether words end at both edges of a match."""
        return not self._settings.whole_words or not (
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
