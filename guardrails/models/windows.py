"""How a long row of tokens is cut into windows, and which window speaks for which token. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start`` up to, not including, ``end``."""

    start: int
    end: int


def cut(count: int, *, window: int, overlap: int) -> tuple[Window, ...]:
    """Cover ``count`` tokens with windows, each of them full but the last.

    Neighbours share ``overlap`` tokens, so a stretch of at most that many lies whole in one of
    them, and the last window, short as it may be, has more than that to go by.
    """
    if count <= window:
        return (Window(0, count),) if count else ()
    starts = range(0, count - overlap, window - overlap)
    return tuple(Window(start, min(start + window, count)) for start in starts)


def cores(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Give the part of each window that it speaks for: there, a token is farthest from its edges.

    The cores follow one another without gap, and cover what the windows cover.
    """
    if not windows:
        return ()
    seams = [(left.end + right.start) // 2 for left, right in pairwise(windows)]
    edges = [windows[0].start, *seams, windows[-1].end]
    return tuple(Window(start, end) for start, end in pairwise(edges))
