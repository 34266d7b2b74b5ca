"""Puts values back where their placeholders stand, as the text comes in. Pure."""

import json
import re
from collections.abc import Iterator, Mapping

from guardrails.hiding import forms

_PLACEHOLDER = re.compile(r"<(.+)_(\d+)>", re.DOTALL)
_JOINT = re.compile(r"\\_|[ -]")


def restore(text: str, mapping: Mapping[str, str]) -> str:
    """Put values back into a whole text."""
    restorer = Restorer(mapping)
    return restorer.feed(text) + restorer.finish()


class Restorer:
    """Puts values back piece by piece: however a text is split, the same comes out.

    Only the end of a text that may be the start of a placeholder is held back. In a text that
    begins as JSON does, such as the arguments of a tool call, values are written as JSON writes
    them: no value can end its string and say something of its own.

    Args:
        mapping: what each placeholder stands for; one that is not in it stays as it is.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        keys = [(placeholder, _PLACEHOLDER.fullmatch(placeholder)) for placeholder in mapping]
        self._values = {
            (found[1].casefold(), int(found[2])): mapping[placeholder]
            for placeholder, found in keys
            if found
        }
        categories = {found[1] for _, found in keys if found}
        self._whole, self._begun = forms.whole(categories), forms.begun(categories)
        self._reach = forms.longest(categories)
        self._words = tuple({category.split("_")[0].lower() for category in categories})
        self._text = ""
        self._done = 0  # how much of the text is given out; one character before it is kept
        self._in_json: bool | None = None  # not known before the first character

    def feed(self, piece: str) -> str:
        """Take a piece; give what is certain by now."""
        if not self._values:
            return piece
        if self._in_json is None and (begun := piece.lstrip()):
            self._in_json = begun[0] in "{["
        self._text += piece
        return "".join(self._certain(self._open()))

    def finish(self) -> str:
        """Give the rest."""
        return "".join(self._certain(len(self._text)))

    def _open(self) -> int:
        """Where the end begins that may be part of a placeholder."""
        begun = self._begun.search(self._text, max(self._done, len(self._text) - self._reach))
        return begun.start() if begun else len(self._text)

    def _certain(self, end: int) -> Iterator[str]:
        text, position = self._text, self._done
        for found in self._found(text, position):
            if found.start() >= end:
                break
            yield text[position : found.start()]
            yield self._value(found)
            position = found.end()
        yield text[position : max(end, position)]
        position = max(end, position)
        kept = max(position - 1, 0)
        self._text, self._done = text[kept:], position - kept

    def _found(self, text: str, start: int) -> Iterator[re.Match[str]]:
        """Every form from a place on; only round the words of placeholders is looked closely."""
        lowered = text.lower()
        if len(lowered) != len(text):  # some letters grow in lower case: places would not fit
            yield from self._whole.finditer(text, start)
            return
        for place in _places(lowered, self._words, start):
            if place >= start:
                from_here = max(start, place - forms.MOST_BEFORE)
                found = self._whole.search(text, from_here, place + self._reach)
                if found and found.start() <= place:  # or else its end may be beyond what was seen
                    yield found
                    start = found.end()

    def _value(self, found: re.Match[str]) -> str:
        words = found[1] or found[3]
        number = int(found[2] or found[4])
        key = (_JOINT.sub("_", words).casefold(), number)
        value = self._values.get(key)
        if value is None:
            return found[0]
        return json.dumps(value, ensure_ascii=False)[1:-1] if self._in_json else value


def _places(text: str, words: tuple[str, ...], start: int) -> Iterator[int]:
    """Every place of any of the words, in order."""
    places = {word: text.find(word, start) for word in words}
    while near := [place for place in places.values() if place >= 0]:
        place = min(near)
        yield place
        for word, other in places.items():
            if other == place:
                places[word] = text.find(word, place + 1)
