"""Where a text quotes: stretches inside quotation marks. Pure."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

from guardrails.core.view import Span

_QUOTED = re.compile(
    r'(?<!\w)"(?=\S)[^"]{1,2000}(?:"(?!\w)|\Z)'
    r"|“[^“”]{1,2000}(?:”|\Z)"
    r"|„[^„“”]{1,2000}(?:[“”]|\Z)"
    r"|«[^«»]{1,2000}(?:»|\Z)"
    r"|»[^«»]{1,2000}(?:«|\Z)"
)
_MOST = 0.8
"""Of a stretch that has to be inside: chance may have lengthened it by a word."""


def quotations(text: str) -> Sequence[Span]:
    """Find what stands inside marks; a quotation that is still open at the end is one."""
    return [Span(*one.span()) for one in _QUOTED.finditer(text)]


def quoted(where: Span, quotations: Sequence[Span]) -> bool:
    """Whether nearly all of a stretch lies inside one of the quotations, which are in order."""
    least = _MOST * (where.end - where.start)
    first = bisect_left(quotations, where.start + 1, key=lambda one: one.end)
    return any(
        min(where.end, one.end) - max(where.start, one.start) >= least
        for one in islice(quotations, first, first + 2)
    )
