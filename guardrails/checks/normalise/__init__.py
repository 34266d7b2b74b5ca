"""Second readings of a text: what it says once its disguises are off.

A disguise is undone step by step, at most ``DEPTH`` encodings deep. Decoding never makes a text
longer and runs do not overlap, so all views together are bounded by the length of the text, and the
work is linear in it. See Boucher et al., "Bad Characters" (2022), and Unicode UTS #39.
"""

from collections.abc import Sequence

from guardrails.checks.normalise.decode import decoded
from guardrails.checks.normalise.fold import normalised
from guardrails.checks.normalise.smuggle import smuggled
from guardrails.checks.normalise.substitute import leet, rot13
from guardrails.core.view import View

DEPTH = 3
"""Encodings within encodings that are opened."""


def views(text: str) -> tuple[View, ...]:
    """Read a text again: normalised, and decoded; nothing where that says nothing new."""
    found: dict[tuple[str, int, int], View] = {}
    level: tuple[View, ...] = (View.identity(text),)
    for depth in range(DEPTH + 1):
        plain = [normalised(view) for view in level]
        inner = _opened(level, plain) if depth < DEPTH else ()
        for view in (*plain, *_substituted(plain), *inner):
            if view.how:
                found.setdefault(_identity(view), view)
        level = tuple(view for view in inner if found[_identity(view)] is view)
    return tuple(found.values())


def _opened(level: Sequence[View], plain: Sequence[View]) -> tuple[View, ...]:
    return (
        *(inner for view in level for inner in smuggled(view)),  # normalising removes these
        *(inner for view in plain for inner in decoded(view)),
    )


def _substituted(plain: Sequence[View]) -> tuple[View, ...]:
    readings = (turn(view) for view in plain for turn in (leet, rot13))
    return tuple(view for view in readings if view is not None)


def _identity(view: View) -> tuple[str, int, int]:
    whole = view.original(0, len(view.text))
    return view.text, whole.start, whole.end
