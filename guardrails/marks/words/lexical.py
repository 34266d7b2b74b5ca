"""The mark `lexical`: of two words that mean the same, the one that a key prefers beside others."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pydantic import Field

from guardrails.core.content import Text
from guardrails.core.mark import Detection, Follower
from guardrails.marks.keys import Keys
from guardrails.marks.words.encoder import EncoderModel
from guardrails.marks.words.following import TextFollower
from guardrails.marks.words.guarding import Guard
from guardrails.marks.words.lexicon import english
from guardrails.marks.words.passages import Cutter
from guardrails.marks.words.slots import Slot
from guardrails.marks.words.substituting import Preference, Substitution
from guardrails.marks.words.telling import Substituted
from guardrails.settings import Settings


class LexicalSettings(Settings):
    """With which keys, and how sure detection must be."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    false_positive_rate: float = Field(0.01, gt=0, lt=1)
    """The share of unmarked texts that may be called marked."""
    encoder: EncoderModel = Field(
        "text_guard",  # type: ignore[assignment]  # opened by name
        description="compares each sentence with what it was: a model's name, its folder, or none",
        repr=False,
    )
    likeness: float = Field(0.95, gt=0, le=1)
    """How alike a sentence must stay; words that would change it more are left as they are."""


class WordMark:
    """What marks by synonyms share; which form is preferred makes the difference."""

    Settings = LexicalSettings
    inspects = Text

    def __init__(self, settings: LexicalSettings, preference: Preference) -> None:
        self._fpr = settings.false_positive_rate
        guard = Guard(settings.encoder, settings.likeness)
        self._words = Substitution(preference, settings.keyring, english(), guard)

    @property
    def key_id(self) -> str:
        """The current key."""
        return self._words.key_id

    def embed(self, subject: Text, /) -> Text:
        """Give the text with preferred forms; at most 5 % of the words are changed, or three."""
        return replace(subject, text=self.substituted(subject.text).text, derived=())

    def substituted(self, text: str) -> Substituted:
        """Mark a text, and tell what was changed."""
        return Substituted.joined(self.substitute([text]))

    def substitute(self, pieces: Iterable[str]) -> Iterator[Substituted]:
        """Mark a stream, and tell what was changed in each passage of it."""
        cutter, course = Cutter(), self._words.begin()
        for piece in pieces:
            yield from map(course.marked, cutter.push(piece))
        yield from map(course.marked, cutter.finish())

    def follow(self) -> Follower:
        """Begin a text that comes in pieces; what comes out is what `embed` gives of it."""
        course = self._words.begin()
        return TextFollower(lambda passage: course.marked(passage).text)

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
