"""Looks a text or a picture up in every collection of a store, whatever kinds of works it has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from guardrails.core.errors import ContentError
from guardrails.models.pixels import decode
from guardrails.works.code.finder import CodeFinder
from guardrails.works.errors import UnknownWorkError
from guardrails.works.hashed import HashedFinder
from guardrails.works.match import Match
from guardrails.works.pictures.finder import PictureFinder
from guardrails.works.pictures.fingerprints import pixels_of
from guardrails.works.pictures.opencv import Pixels
from guardrails.works.store import Store
from guardrails.works.text.finder import TextFinder
from guardrails.works.work import Kind

COPY = 0.5
"""The score from where on a match is a copy."""
CHARACTERS = 200_000
"""Of a text that is looked up, at most."""
PIXELS = 40_000_000
"""Of a picture that is looked up, at most."""


class Finder(Protocol):
    """Finds what a text has in common with works of one kind."""

    def find(self, text: str, /) -> Sequence[Match]:
        """Give matches, weak ones too."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match, and the collection that the work is in."""

    collection: str
    match: Match


class Finders:
    """All finders of a store; ``only`` these collections when any are named."""

    def __init__(self, store: Store, only: Iterable[str] = ()) -> None:
        self.store = store
        self._only = frozenset(only)

    def collections(self) -> Sequence[str]:
        """Name the collections that are looked in."""
        return [name for name in self.store.collections() if not self._only or name in self._only]

    def in_text(self, text: str, collection: str = "") -> Sequence[Found]:
        """Find works of all collections, or of one, in prose or code, the surest first.

        Raises:
            ContentError: the text is too long.
            UnknownWorkError: there is no such collection.
        """
        if len(text) > CHARACTERS:
            raise ContentError(
                f"the text has {len(text):,} characters, {CHARACTERS:,} are looked up at most"
            )
        return _sorted(
            Found(name, match)
            for name, kinds in self._asked(collection)
            for finder in _finders(self.store, name, kinds)
            for match in finder.find(text)
        )

    def in_picture(self, pixels: Pixels, collection: str = "") -> Sequence[Found]:
        """Find works in a picture of height x width x 3 bytes, the surest first.

        Raises:
            UnknownWorkError: there is no such collection.
        """
        return _sorted(
            Found(name, match)
            for name, kinds in self._asked(collection)
            if Kind.IMAGE in kinds
            for match in PictureFinder(self.store, name).find(pixels)
        )

    def _asked(self, collection: str) -> Iterator[tuple[str, Iterable[Kind]]]:
        there = self.store.collections()
        known = [name for name in there if not self._only or name in self._only]
        if collection and collection not in known:
            raise UnknownWorkError(no_collection(collection, known))
        yield from ((name, there[name]) for name in known if collection in {"", name})


def picture(data: bytes) -> Pixels:
    """Decode a picture file, of a moving one the first frame.

    Raises:
        ContentError: it is none, damaged, or too large.
    """
    return pixels_of(decode(data, pixels=PIXELS, most=1).frames[0])


def no_collection(name: str, known: Iterable[str]) -> str:
    """Say that there is none of that name, and which there are."""
    there = ", ".join(f"'{one}'" for one in known) or "none"
    return f"no collection '{name}' in the store, there is: {there}"


def _finders(store: Store, collection: str, kinds: Iterable[Kind]) -> Iterator[Finder]:
    if Kind.TEXT in kinds:
        yield TextFinder(store, collection)
    if Kind.CODE in kinds:
        yield CodeFinder(store, collection)
    if Kind.HASHED in kinds:
        yield HashedFinder(store, collection)


def _sorted(found: Iterable[Found]) -> Sequence[Found]:
    return sorted(found, key=lambda one: (-one.match.score, one.collection, one.match.work.id))
