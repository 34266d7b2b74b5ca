"""The tokens before a token, which decide how it is marked."""

from guardrails.marks.sampling.arrays import int64
from guardrails.marks.sampling.prf import Array


def last(ids: Array, width: int) -> list[Array]:
    """Give the last tokens of each row of ids (batch, n), the oldest first, each (batch,)."""
    end = ids.shape[1]
    return [int64(ids[:, end - width + place]) for place in range(width)]


def repeated(ids: Array, width: int) -> Array:
    """Tell for each row whether its last tokens stood in this order before.

    A choice that was marked once is not marked the same way again: that is what would make
    a text repeat itself, and it would count one draw as two.
    """
    end = ids.shape[1]
    same = ids[:, : end - width] == ids[:, end - width : end - width + 1]
    for place in range(1, width):
        same &= ids[:, place : end - width + place] == ids[:, end - width + place, None]
    return same.any(1)


def before(ids: Array, width: int) -> tuple[list[Array], Array]:
    """Cut ids (n,) into contexts, as `last` gives them, and the tokens that follow each."""
    ids = int64(ids)
    count = max(0, len(ids) - width)
    return [ids[place : place + count] for place in range(width)], ids[width:]
