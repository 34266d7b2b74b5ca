"""A mark for any generator: `(token ids, logits) -> logits`, in numpy or torch."""

from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.marks.sampling import contexts
from guardrails.marks.sampling.arrays import float32, namespace
from guardrails.marks.sampling.prf import Array, Secret
from guardrails.marks.sampling.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Sampler:
    """Puts one key's mark into logits, just before a token is sampled from them.

    Rows in which one token is likelier than ``certain`` are left alone: a mark there would
    show in what the text says.
    """

    scheme: Scheme
    secret: Secret
    certain: float = 1.0

    def __call__(self, ids: Array, logits: Array) -> Array:
        """Mark logits (batch, vocab), temperature and cuts applied, after ids (batch, n).

        A row depends on nothing but itself. Before the first ``width`` tokens nothing is marked.
        """
        width = self.scheme.width
        if ids.shape[1] < width:
            return logits
        repeated = contexts.repeated(ids, width) if self.scheme.once else None
        return self.after(contexts.last(ids, width), logits, repeated)

    def after(self, context: Sequence[Array], logits: Array, repeated: Array | None) -> Array:
        """Mark logits after contexts (``width`` arrays, oldest first); repeated ones are not."""
        marked = self.scheme.mark(self.secret, context, logits)
        left = repeated
        if self.certain < 1:
            sure = _likeliest(logits) > self.certain
            left = sure if repeated is None else sure | repeated
        if left is not None:
            marked[left] = logits[left]
        return marked


def _likeliest(logits: Array) -> Array:
    library = namespace(logits)
    logits = float32(logits)
    return 1 / library.exp(logits - library.amax(logits, 1)[:, None]).sum(1)
