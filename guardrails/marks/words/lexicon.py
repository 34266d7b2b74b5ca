"""Pairs of words that stand for each other, and where they do; shipped as a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Self

NUMBER = "#"
"""Stands for a number beside a word."""
EDGE = "^"
"""Stands for the edge of a sentence or a line beside a word."""
BREAK = ","
"""Stands for other punctuation, and for a protected stretch, beside a word."""

_DETERMINERS = """
the a an this that these those my your his her its our their of some any each every no another other
many several few more most such one two three first second new
"""
_VERBAL = """
to will would can could may must should shall i you we they who not don't doesn't didn't can't won't
please
"""
_CUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"noun": frozenset(_DETERMINERS.split()), "verb": frozenset(_VERBAL.split())}
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a pair may be exchanged: what must and must not stand beside it."""

    after: frozenset[str] = frozenset()
    not_after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    before_word: bool = False
    never_capital: bool = False
    """Capitalised it may be a name, even where a sentence begins."""

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read ``noun word before=a|b not-after=c``."""
        given = dict(rule.partition("=")[::2] for rule in written.split())
        sides = {
            name: frozenset(filter(None, given.get(name, "").split("|")))
            for name in ("after", "not-after", "before", "not-before")
        }
        return cls(
            sides["after"] or next((_CUES[name] for name in _CUES if name in given), frozenset()),
            sides["not-after"],
            sides["before"],
            sides["not-before"],
            before_word="word" in given,
            never_capital="lower" in given,
        )

    def allow(self, previous: str, following: str) -> bool:
        """Whether the neighbours let the pair be exchanged."""
        return (
            (not self.after or previous in self.after)
            and previous not in self.not_after
            and (not self.before or following in self.before)
            and following not in self.not_before
            and (not self.before_word or following not in {EDGE, BREAK, NUMBER})
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two forms; ``share`` is how often the second stands where either could, in human text."""

    forms: tuple[str, str]
    share: float
    rules: Rules
    same_onset: bool
    """Whether both ask for the same of ``a`` and ``an``."""

    def fits(self, previous: str) -> bool:
        """Whether the article before it, if there is one, stays right."""
        return self.same_onset or previous not in {"a", "an"}


class Lexicon:
    """All pairs, by their forms: a form, of one word or more, is in one pair only."""

    def __init__(self, pairs: tuple[Pair, ...]) -> None:
        self._pairs = {form: (pair, at) for pair in pairs for at, form in enumerate(pair.forms)}
        self._longest: dict[str, int] = {}
        for form in self._pairs:
            first, *others = form.split()
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))

    def find(self, word: str) -> tuple[Pair, int] | None:
        """Give the pair of a form in lower case, and which of the two it is."""
        return self._pairs.get(word)

    def longest(self, word: str) -> int:
        """Give the words of the longest form that begins with this one, or nothing."""
        return self._longest.get(word, 0)

    def __iter__(self) -> Iterator[Pair]:
        return iter(dict.fromkeys(pair for pair, _ in self._pairs.values()))


def parse(table: str) -> Lexicon:
    """Read a table: first, second, share of the second, same onset or not, rules."""
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return Lexicon(
        tuple(
            Pair((first, second), float(share), Rules.parse(rules), onset == "same")
            for first, second, share, onset, rules in rows
        )
    )


@cache
def english() -> Lexicon:
    """The table that ships, made by ``training/word_marks``."""
    return parse((files(__package__) / "english.tsv").read_text("utf-8"))
