"""The mark `cater`: like `lexical`, but no word becomes more or less frequent than it was."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from guardrails.core.content import Text
from guardrails.core.mark import Detection
from guardrails.marks.words.lexical import LexicalSettings
from guardrails.marks.words.lexicon import BREAK, EDGE, NUMBER, english
from guardrails.marks.words.slots import Slot
from guardrails.marks.words.substituting import Preference, Substituted, Substitution

_ENDINGS = re.compile(r"(?:ing|ed|ly|tion|ment|ness|ity|ous|ive|able|al|er|est|s)$")
_SHORT = 4
"""Letters; shorter words are function words and stand for themselves."""


class Cater:
    """Exchanges synonyms in English text by the kind of their neighbours (He et al., NeurIPS 2022).

    Under each kind of neighbour the key prefers one form, the second as often as people write it:
    over all contexts both keep their frequency. A match tells the less, the likelier it is.
    """

    Settings = LexicalSettings
    inspects = Text

    def __init__(self, settings: LexicalSettings) -> None:
        self._fpr = settings.false_positive_rate
        preference = Preference("cater", _context, lambda slot: slot.pair.share)
        self._words = Substitution(preference, settings.keyring, english())

    @property
    def key_id(self) -> str:
        """The current key."""
        return self._words.key_id

    def embed(self, subject: Text, /) -> Text:
        """Give the text with preferred forms; at most 5 % of the words before each are changed."""
        [done] = self._words.mark([subject.text])
        return replace(subject, text=done.text, derived=())

    def substitute(self, sentences: Iterable[str]) -> Iterator[Substituted]:
        """Mark a stream, cut where sentences end, and tell how many words were changed."""
        return self._words.mark(sentences)

    def detect(self, subject: Text, /) -> Detection:
        """Weigh preferred forms."""
        return self._words.detect(subject.text, self._fpr)


def _context(slot: Slot) -> str:
    """The kinds of both neighbours: a content word may be edited and still be of its kind."""
    return f"{_kind(slot.previous)} {_kind(slot.following)}"


def _kind(word: str) -> str:
    if word in {EDGE, BREAK, NUMBER} or len(word) < _SHORT:
        return word
    ending = _ENDINGS.search(word)
    return f"-{ending[0]}" if ending else "-"
