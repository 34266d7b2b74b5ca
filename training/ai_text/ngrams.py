"""A generator of another family: word n-grams with Kneser-Ney smoothing, in its back-off form."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeAlias

Context: TypeAlias = tuple[str, ...]

_ORDER = 4
_DISCOUNT = 0.75
_WORDS = 200
_WORD = re.compile(r"\S+")


def babble(texts: Sequence[str], count: int) -> Iterator[str]:
    """Write texts in the words of others, four words at a time."""
    followers = _counted(texts)
    for number in range(count):
        chance = Random(number)
        words: list[str] = []
        while len(words) < _WORDS:
            words.append(_next(followers, tuple(words[-(_ORDER - 1) :]), chance))
        yield " ".join(words)


def _counted(texts: Sequence[str]) -> dict[Context, Counter[str]]:
    """Count followers; below the highest order, how many contexts a word follows (Kneser-Ney)."""
    followers: dict[Context, Counter[str]] = defaultdict(Counter)
    for text in texts:
        words = _WORD.findall(text)
        for at, word in enumerate(words):
            followers[tuple(words[max(0, at - _ORDER + 1) : at])][word] += 1
    for order in range(_ORDER - 1, 0, -1):
        longer = [context for context in followers if len(context) == order]
        for context in longer:
            for word in list(followers[context]):
                followers[context[1:]][word] += 1
    return followers


def _next(followers: dict[Context, Counter[str]], context: Context, chance: Random) -> str:
    while True:
        known = followers.get(context)
        if known:
            kept = [count - _DISCOUNT for count in known.values()]
            if not context or chance.random() * sum(known.values()) < sum(kept):
                return chance.choices(list(known), kept)[0]
        context = context[1:]
