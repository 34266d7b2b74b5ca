"""Characters that a reader cannot see: zero-width, bidi controls, tags."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from guardrails.checks.normalise.invisible import Kind, hidden
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span
from guardrails.settings import Settings

_SCORES: Mapping[Kind, tuple[str, float]] = MappingProxyType(
    {
        Kind.TAG: ("TAG_CHARACTERS", 1.0),
        Kind.BIDI: ("BIDI_CONTROL", 0.9),
        Kind.VARIATION: ("VARIATION_SELECTORS", 0.9),
        Kind.ZERO_WIDTH: ("INVISIBLE_CHARACTERS", 0.8),
        Kind.CONTROL: ("CONTROL_CHARACTERS", 0.6),
        Kind.SOFT_HYPHEN: ("SOFT_HYPHEN", 0.3),  # web pages are full of them
    }
)


class InvisibleTextSettings(Settings):
    """Nothing to set."""


class InvisibleText:
    """Finds what hides from a reader, where no script or emoji calls for it."""

    Settings = InvisibleTextSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 64
    categories = tuple(category for category, _ in _SCORES.values())

    def __init__(self, settings: InvisibleTextSettings) -> None:
        del settings

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find each run of invisible characters of one kind."""
        return tuple(
            Finding(
                *_SCORES[run.kind], Span(run.start, run.end), f"{run.end - run.start} invisible"
            )
            for run in hidden(subject.text)
        )
