"""An alignment taken apart: which token of a subject is which of a work."""

from dataclasses import dataclass

import numpy as np

from guardrails.works.code.lexing import Numbers
from guardrails.works.passages.aligning import Blocks


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Tokens of a subject and of a work's detail that have the same symbol, as places (n,) each."""

    subject: Numbers
    work: Numbers

    @classmethod
    def of(cls, blocks: Blocks) -> "Pairs":
        """Take an alignment apart."""
        sizes = blocks[:, 2]
        nth = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return cls(np.repeat(blocks[:, 0], sizes) + nth, np.repeat(blocks[:, 1], sizes) + nth)
