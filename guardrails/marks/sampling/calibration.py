"""How human text looks to a detector: what it should not find, and how often it does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Rate:
    """How many human passages were called marked, out of how many."""

    flagged: int
    passages: int

    @property
    def share(self) -> float:
        """The rate that was reached."""
        return self.flagged / self.passages if self.passages else 0.0


def excess(
    scheme: Scheme, keyring: Keyring, texts: Iterable[NDArray[np.int32]]
) -> Mapping[str, float]:
    """Measure for each key by how much human tokens exceed the mean that they should have.

    The same short contexts come up in all human text, so with a narrow context a key may by chance
    like what people like to write. Give what this finds to `Detector`; it is never below 0.
    """
    detector = Detector(scheme, keyring)
    texts = tuple(texts)
    return {key.id: max(0.0, _mean(detector, key.id, texts) - scheme.mean) for key in keyring}


def rate(detector: Detector, passages: Iterable[NDArray[np.int32]]) -> Rate:
    """Count how many human passages a detector calls marked."""
    decisions = [detector.detect(ids).decision for ids in passages]
    return Rate(decisions.count(Decision.MARKED), len(decisions))


def _mean(detector: Detector, key_id: str, texts: tuple[NDArray[np.int32], ...]) -> float:
    seen = [detector.evidence(ids, key_id) for ids in texts]
    count = sum(int(evidence.counts[-1]) for evidence in seen)
    return sum(float(evidence.totals[-1]) for evidence in seen) / max(count, 1)
