"""The mark `cater`: like `lexical`, but no word becomes more or less frequent than it was."""

import re

from guardrails.marks.words.lexical import LexicalSettings, WordMark
from guardrails.marks.words.lexicon import BREAK, EDGE, NUMBER
from guardrails.marks.words.slots import Slot
from guardrails.marks.words.substituting import Preference

_ENDINGS = re.compile(r"(?:ing|ed|ly|tion|ment|ness|ity|ous|ive|able|al|er|est|s)$")
_SHORT = 4
"""Letters; shorter words are function words and stand for themselves."""


class Cater(WordMark):
    """Exchanges synonyms in English text by the kind of their neighbours (He et al., NeurIPS 2022).

    Under each kind of neighbour the key prefers one form, the second as often as people write it:
    over all contexts both keep their frequency. A match tells the less, the likelier it is.
    """

    def __init__(self, settings: LexicalSettings) -> None:
        super().__init__(settings, Preference("cater", _context, lambda slot: slot.pair.share))


def _context(slot: Slot) -> str:
    """The kinds of both neighbours: a content word may be edited and still be of its kind."""
    return f"{_kind(slot.previous)} {_kind(slot.following)}"


def _kind(word: str) -> str:
    if word in {EDGE, BREAK, NUMBER} or len(word) < _SHORT:
        return word
    ending = _ENDINGS.search(word)
    return f"-{ending[0]}" if ending else "-"
