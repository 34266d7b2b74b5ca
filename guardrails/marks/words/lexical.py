"""The mark `lexical`: of two words that mean the same, the one that a key prefers beside others."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pydantic import Field

from guardrails.core.content import Text
from guardrails.core.mark import Detection
from guardrails.marks.keys import Keys
from guardrails.marks.words.lexicon import english
from guardrails.marks.words.slots import Slot
from guardrails.marks.words.substituting import Preference, Substituted, Substitution
from guardrails.settings import Settings


class LexicalSettings(Settings):
    """With which keys, and how sure detection must be."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    false_positive_rate: float = Field(0.01, gt=0, lt=1)
    """The share of unmarked texts that may be called marked."""


class WordMark:
    """What marks by synonyms share; which form is preferred makes the difference."""

    Settings = LexicalSettings
    inspects = Text

    def __init__(self, settings: LexicalSettings, preference: Preference) -> None:
        self._fpr = settings.false_positive_rate
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


class Lexical(WordMark):
    """Exchanges synonyms in English text (He et al., AAAI 2022).

    Each pair, beside each word before it, has a form that the key prefers, half of the time either:
    so an unmarked text holds half of the preferred forms, and the test is binomial.
    """

    def __init__(self, settings: LexicalSettings) -> None:
        super().__init__(settings, Preference("lexical", _context, lambda _: 0.5))


def _context(slot: Slot) -> str:
    return slot.previous
