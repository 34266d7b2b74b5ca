"""What somebody says of a verdict that they hold to be wrong."""

from dataclasses import dataclass, field
from enum import StrEnum

from guardrails.core.content import Stage
from guardrails.core.errors import ContentError

LONGEST_NAME, LONGEST_NOTE, LONGEST_TEXT = 256, 2_000, 100_000
"""Characters."""


class Reason(StrEnum):
    """How it was wrong."""

    FALSE_POSITIVE = "false_positive"
    """Something harmless was found."""
    FALSE_NEGATIVE = "false_negative"
    """Something harmful was not."""
    WRONG_CATEGORY = "wrong_category"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said of one verdict.

    ``rule`` and ``category`` narrow it to what was wrong. ``text`` is what was judged, if whoever
    says it chooses to tell.

    Raises:
        ContentError: it names no decision, or is too long.
    """

    decision: str
    reason: Reason
    rule: str = ""
    category: str = ""
    note: str = field(default="", repr=False)
    text: str | None = field(default=None, repr=False)
    tenant: str = ""
    policy: str = ""
    stage: Stage | None = None

    def __post_init__(self) -> None:
        if not self.decision:
            raise ContentError("feedback names no decision, send the id of the verdict")
        for name in ("decision", "rule", "category", "tenant", "policy"):
            _must_fit(name, getattr(self, name), LONGEST_NAME)
        _must_fit("note", self.note, LONGEST_NOTE)
        _must_fit("text", self.text or "", LONGEST_TEXT)


def _must_fit(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ContentError(f"feedback: its {name} has {len(text):,} characters, {most:,} may be")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ContentError(f"feedback: its {name} holds a lone surrogate, send Unicode") from None
