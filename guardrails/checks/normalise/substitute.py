"""Readings that put one letter in the place of another: leetspeak and ROT13."""

import re
from codecs import encode

from guardrails.checks.normalise.rewrite import Edit, excerpt, then
from guardrails.core.view import View

LEET = "read as leetspeak"
ROT13 = "decoded from ROT13"

_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_LEET_INSIDE = re.compile(r"[0134578@$!|](?<=[A-Za-z].)[0134578@$!|]*+[A-Za-z]")
_LEET_WORD = re.compile(
    r"(?<![\w@$!|.-])(?:[A-Za-z0134578$]|[@!|](?=[\w@$!|]))++(?![\w@-])(?!\.\w)"
)
_LETTERS = range(2, 20)
"""In a word of leetspeak; codes and encoded runs are longer."""

_FREQUENT_WORDS = """
the and you your that this with for not are was have from what will can all how please about them
they there which would could should into only other then tell say make write give show must now
ignore forget disregard previous above below before after instructions instruction system prompt
rules reveal password secret print output repeat answer follow
"""
_FREQUENT = frozenset(_FREQUENT_WORDS.split())
_ROTATED = frozenset(encode(word, "rot13") for word in _FREQUENT) - _FREQUENT
_SENTENCE = re.compile(r"[^\n.!?:;\"]+")
_FEWEST_WORDS = 2


def is_substituted(view: View) -> bool:
    """Whether letters were exchanged: what counts every character should not read such a view."""
    return view.how.endswith((LEET, ROT13))


def leet(view: View) -> View | None:
    """Read figures and signs inside words as the letters that they look like."""
    if not _LEET_INSIDE.search(view.text):
        return None
    text = _LEET_WORD.sub(_unleet, view.text)
    return None if text == view.text else View(text, then(view, LEET), view.origins, view.ends)


def _unleet(found: re.Match[str]) -> str:
    word = found.group()
    letters = sum(character.isalpha() for character in word)
    disguised = _LEET_INSIDE.search(word) or word[1:].isalpha() or word.endswith("$$")
    if letters not in _LETTERS or 2 * letters < len(word) or not disguised:
        return word
    return word.translate(_LEET)


def rot13(view: View) -> View | None:
    """Turn the sentences that are words only after ROT13; offsets stay exact."""
    if len(_ROTATED.intersection(view.text.lower().split())) < _FEWEST_WORDS:
        return None
    turned = [
        Edit(sentence.start(), sentence.end(), encode(sentence.group(), "rot13"))
        for sentence in _SENTENCE.finditer(view.text)
        if _looks_rotated(sentence.group())
    ]
    return excerpt(view, turned, then(view, ROT13)) if turned else None


def _looks_rotated(sentence: str) -> bool:
    words = sentence.lower().split()
    rotated = sum(word in _ROTATED for word in words)
    return rotated > sum(word in _FREQUENT for word in words)
