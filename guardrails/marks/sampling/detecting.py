"""From tokens to an answer: marked with which key, where, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from guardrails.core.mark import Decision
from guardrails.keyring import Key, Keyring
from guardrails.marks.sampling.evidence import Evidence
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.scanning import Passage, strongest
from guardrails.marks.sampling.scheme import Scheme

_MOST_NEEDED = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in tokens; ``start`` up to ``end`` is the part that says most."""

    decision: Decision
    p_value: float
    z: float
    tokens: int
    """How many of the part count."""
    key_id: str
    """The key that fits best, where the text is marked."""
    start: int
    end: int


class Detector:
    """Tries every key of a ring on texts, from their tokens alone.

    ``excess`` holds what calibration on human text found for each key, see `calibration`.
    """

    def __init__(
        self,
        scheme: Scheme,
        keyring: Keyring,
        *,
        false_positive_rate: float = 1e-3,
        excess: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.scheme = scheme
        self.rate = false_positive_rate
        self._keys = tuple((key.id, self._secret(key), excess.get(key.id, 0.0)) for key in keyring)
        self.needed = self._needed()

    def _secret(self, key: Key) -> tuple[int, int, int, int]:
        return secret(key, self.scheme.name)

    def detect(self, ids: NDArray[np.int32]) -> Found:
        """Look at a text (n,) without the markers that a tokenizer may put around it."""
        tried = [(self.evidence(ids, key_id), key_id) for key_id, _, _ in self._keys]
        found = [(strongest(evidence), evidence, key_id) for evidence, key_id in tried]
        passage, evidence, key_id = min(found, key=lambda one: one[0].p_value)
        return self._found(passage, evidence, key_id)

    def evidence(self, ids: NDArray[np.int32], key_id: str) -> Evidence:
        """Give what a text says for one key."""
        [(words, excess)] = [
            (words, excess) for name, words, excess in self._keys if name == key_id
        ]
        return Evidence.of(self.scheme, words, ids, excess)

    def _found(self, passage: Passage, evidence: Evidence, key_id: str) -> Found:
        p_value = min(1.0, passage.p_value * len(self._keys))
        count = evidence.count(passage.start, passage.end)
        decision = self._decision(p_value, evidence)
        return Found(
            decision=decision,
            p_value=p_value,
            z=evidence.z(passage.start, passage.end),
            tokens=count,
            key_id=key_id if decision is Decision.MARKED else "",
            start=passage.start,
            end=passage.end,
        )

    def _decision(self, p_value: float, evidence: Evidence) -> Decision:
        if p_value <= self.rate:
            return Decision.MARKED
        short = evidence.count(0, len(evidence)) < self.needed
        return Decision.UNDECIDABLE if short else Decision.UNMARKED

    def _needed(self) -> int:
        """Give from how many tokens on typical marked text would be found."""
        rate = self.rate / len(self._keys)
        for count in range(1, _MOST_NEEDED):
            if self.scheme.p_value(self.scheme.typical * count, count) <= rate:
                return count
        return _MOST_NEEDED
