"""Finds which works of a collection a picture copies, and where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.works.fingerprint import Seeds
from guardrails.works.match import Match
from guardrails.works.pictures import scoring
from guardrails.works.pictures.embedder import Embedder
from guardrails.works.pictures.features import Features, features, unpack
from guardrails.works.pictures.fingerprints import FLAT
from guardrails.works.pictures.geometry import laid
from guardrails.works.pictures.opencv import Pixels
from guardrails.works.pictures.perceptual import TURNS, Hash, perceptual
from guardrails.works.pictures.regions import WHOLE, Place, area, place
from guardrails.works.pictures.voting import Candidate, candidates
from guardrails.works.pictures.words import probes
from guardrails.works.store import Store
from guardrails.works.work import Kind, Work

_IN_A_MIRROR = 4
"""The first of the eight hashes that is of the mirrored picture."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for one picture."""

    features: int = 2000
    """Of the subject, that are looked up."""
    probes: int = 4
    """Words that are looked up for each."""
    common: int = 2000
    """A word that stands at more places than this tells nothing."""
    candidates: int = 10
    """Works that are compared feature by feature."""
    bits: int = 64
    """In which a perceptual hash may differ and still be told of, with a low score."""


USUAL = Effort()


@dataclass(frozen=True, slots=True)
class _Found:
    score: float
    place: Place
    mirrored: bool
    matched: int = 0


class PictureFinder:
    """Looks a picture up by its hash, by its local features and, with an embedder, as a whole."""

    def __init__(
        self,
        store: Store,
        collection: str,
        *,
        embedder: Embedder | None = None,
        effort: Effort = USUAL,
    ) -> None:
        self._store = store
        self._collection = collection
        self._embedder = embedder
        self._effort = effort

    def find(self, rgb: Pixels) -> Sequence[Match]:
        """Give the works that a picture of height x width x 3 bytes may copy, surest first.

        Those that it hardly copies are told too, with scores near zero.
        """
        plain = features(rgb, self._effort.features)
        seen = (plain, plain.mirrored())
        whole = [*self._by_hash(perceptual(rgb)), *self._by_vector(rgb)]
        asked = [*self._by_words(seen), *((number, one.mirrored) for number, one in whole)]
        parts = [
            (number, self._compared(seen, number, mirrored=turned)) for number, turned in set(asked)
        ]
        found = _best([*whole, *((number, one) for number, one in parts if one)])
        works = self._store.numbered(found)
        matches = [_match(works[number], found[number]) for number in works]
        return sorted(matches, key=lambda match: (-match.score, match.work.id))

    def _by_hash(self, hashed: Hash) -> Sequence[tuple[int, _Found]]:
        """Find pictures that are the same as a whole, whichever way they are turned."""
        if hashed.quality < FLAT or not self._near(hashed.turns):
            return ()
        return [
            (number, _Found(scoring.of_bits(bits), Place(WHOLE, WHOLE, how), turn >= _IN_A_MIRROR))
            for turn, how in enumerate(TURNS)
            for number, bits in self._near(hashed.turns[turn : turn + 1])
        ]

    def _near(self, hashes: Sequence[bytes]) -> Sequence[tuple[int, int]]:
        return self._store.alike(self._collection, hashes, within=self._effort.bits)

    def _by_vector(self, rgb: Pixels) -> Sequence[tuple[int, _Found]]:
        if self._embedder is None:
            return ()
        vector = self._embedder.embed(rgb)
        near = self._store.near(self._collection, vector, limit=self._effort.candidates)
        like = Place(WHOLE, WHOLE, "much like it")
        return [
            (one.work, _Found(scoring.of_cosine(one.cosine), like, mirrored))
            for one in near
            for mirrored in (False, True)
        ]

    def _by_words(self, seen: Sequence[Features]) -> Sequence[tuple[int, bool]]:
        """Find works with the same features, as the subject is and in a mirror."""
        count = self._effort.probes
        seeds: Seeds = np.concatenate([probes(one.descriptors, count).ravel() for one in seen])
        hits = self._store.hits(self._collection, Kind.IMAGE, seeds, most=self._effort.common)
        best: Sequence[Candidate] = candidates(hits, seen, count, self._effort.candidates)
        return [(one.work, one.mirrored) for one in best]

    def _compared(self, seen: Sequence[Features], number: int, *, mirrored: bool) -> _Found | None:
        subject, work = seen[mirrored], unpack(self._store.detail(number))
        how = laid(subject, work)
        if how is None:
            return None
        where = place(how, subject, work, mirrored=mirrored)
        return _Found(scoring.of_features(how), where, mirrored, len(how.work))


def _best(found: Iterable[tuple[int, _Found]]) -> Mapping[int, _Found]:
    best: dict[int, _Found] = {}
    for number, one in found:
        if number not in best or one.score > best[number].score:
            best[number] = one
    return best


def _match(work: Work, found: _Found) -> Match:
    return Match(
        work,
        found.score,
        found.place.where,
        region=found.place.region,
        matched=found.matched,
        share=area(found.place.where),
        how=found.place.how,
    )
