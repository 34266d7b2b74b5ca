"""Slots: words of a text that could be others, each with the neighbours it is keyed by. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.marks.words.lexicon import BREAK, EDGE, NUMBER, Lexicon, Pair
from guardrails.marks.words.protecting import protected

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_PLAIN = re.compile(r"[A-Za-z]?[a-z]*(?:['\u2019][a-z]+)?(?: [a-z]+(?:['\u2019][a-z]+)?)*")
_ENDS = re.compile(r"[.!?;:\n]")
_JOINS = frozenset("_/\\@#&=+*~^%$-.'\u2019")
"""What ties a word to what is beside it: names of files, variables, parts of compounds."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A form of a pair, of one word or more, and where it stands."""

    start: int
    end: int
    pair: Pair
    at: int
    """Which of the pair's forms stands there."""
    previous: str
    following: str
    number: int
    """Its first word is the so-manieth of the text, from one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's slots, and how many words it has."""

    words: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A form of a pair, or any other word."""

    start: int
    end: int
    number: int
    text: str
    found: tuple[Pair, int] | None

    @property
    def canonical(self) -> str:
        """What it is to its neighbours: the same whichever form stands there."""
        if self.found:
            return self.found[0].forms[0]
        return NUMBER if self.text[0].isdigit() else self.text.lower()


def read(text: str, lexicon: Lexicon) -> Reading:
    """Find the slots of a text, outside of what is protected.

    Neighbours do not cross the end of a sentence, and are the same whichever forms stand there:
    so a text may be read sentence by sentence, before or after it is marked.
    """
    words = list(_WORD.finditer(text))
    units = list(_units(text, list(_unprotected(text, words)), lexicon))
    return Reading(len(words), tuple(_slots(text, units)))


def _unprotected(text: str, words: Sequence[re.Match[str]]) -> Iterator[tuple[int, re.Match[str]]]:
    stretches = iter(protected(text))
    stretch = next(stretches, None)
    for number, found in enumerate(words, 1):
        while stretch is not None and stretch.end <= found.start():
            stretch = next(stretches, None)
        if stretch is None or found.end() <= stretch.start:
            yield number, found


def _units(
    text: str, words: Sequence[tuple[int, re.Match[str]]], lexicon: Lexicon
) -> Iterator[_Unit]:
    """Cut into forms of pairs, the longest first, and single words."""
    at = 0
    while at < len(words):
        number, first = words[at]
        longest = min(lexicon.longest(_folded(first[0])), len(words) - at)
        for count in range(longest, 0, -1):
            end = words[at + count - 1][1].end()
            found = lexicon.find(_folded(text[first.start() : end]))
            if found and not (count > 1 and _is_denied(text, end)):
                yield _Unit(first.start(), end, number, text[first.start() : end], found)
                at += count
                break
        else:
            yield _Unit(first.start(), first.end(), number, first[0], None)
            at += 1


def _folded(form: str) -> str:
    return form.lower().replace("\u2019", "'")


def _is_denied(text: str, end: int) -> bool:
    """In "it is not", the pair is "is not", as it is in "it isn't"."""
    return text[end : end + 5].lower().rstrip(".,;:!?") in {" not", " not "}


def _slots(text: str, units: Sequence[_Unit]) -> Iterator[Slot]:
    for at, unit in enumerate(units):
        if unit.found is None or not _PLAIN.fullmatch(unit.text) or _is_tied(text, unit):
            continue
        before = _seam(text, units[at - 1].end if at else 0, unit.start, edge=at == 0)
        last = at == len(units) - 1
        behind = _seam(text, unit.end, len(text) if last else units[at + 1].start, edge=last)
        previous = before or units[at - 1].canonical
        following = behind or units[at + 1].canonical
        if _may_be_name(unit, previous, "" if behind else units[at + 1].text):
            continue
        if unit.found[0].rules.allow(previous, following) and unit.found[0].fits(previous):
            yield Slot(unit.start, unit.end, *unit.found, previous, following, unit.number)


def _may_be_name(unit: _Unit, previous: str, behind: str) -> bool:
    """A capital is no name where a sentence begins and the next word has none."""
    if unit.text[0].islower():
        return False
    return (
        previous != EDGE
        or unit.found is None
        or unit.found[0].rules.never_capital
        or (behind != behind.lower())
    )


def _seam(text: str, start: int, end: int, *, edge: bool) -> str:
    """What separates two words: nothing but a space, the end of a sentence, or something else."""
    between = text[start:end]
    if between == " " and not edge:
        return ""
    if _ENDS.search(between) or (edge and not between.strip()):
        return EDGE
    return BREAK


def _is_tied(text: str, unit: _Unit) -> bool:
    before, behind = text[: unit.start][-1:], text[unit.end : unit.end + 2]
    if before and before in _JOINS:
        return True
    tied = bool(behind) and (behind[0] in _JOINS or behind[0] == "(")
    return tied and not (behind[0] in ".'\u2019" and not behind[1:].isalnum())
