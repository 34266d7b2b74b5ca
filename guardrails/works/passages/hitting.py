"""Where the seeds of a subject stand in the works of a collection."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Seeds
from guardrails.works.passages.chaining import Hit
from guardrails.works.store import Store
from guardrails.works.work import Kind

TIMES = 4
"""Places of the subject that one seed is looked at; what goes round in circles has more."""


@dataclass(frozen=True, slots=True)
class Index:
    """Works of one kind in a collection; a seed at more than ``most`` places is common there."""

    store: Store
    collection: str
    kind: Kind
    most: int

    def hit(self, every: Seeds, places: NDArray[np.int64]) -> Hit:
        """Look each seed up once; give a hit for each of its places in the subject and in works.

        ``places`` (n,) tells where in the subject each seed begins. Common ones give none.
        """
        distinct, rows, counts = np.unique(every, return_inverse=True, return_counts=True)
        hits = self.store.hits(self.collection, self.kind, distinct, most=self.most)
        row = hits.seed.astype(np.int64)
        times = np.minimum(counts, TIMES)[row]
        begins = (np.cumsum(counts) - counts)[row]
        nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        positions = places[np.argsort(rows, kind="stable")]
        return Hit(
            positions[np.repeat(begins, times) + nth],
            np.repeat(hits.work.astype(np.int64), times),
            np.repeat(hits.place.astype(np.int64), times),
            np.repeat(np.bincount(row, minlength=len(distinct))[row], times),
        )
