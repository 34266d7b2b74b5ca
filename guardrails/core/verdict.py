"""What was decided, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from guardrails.core.content import Content, Stage
from guardrails.core.finding import Finding


class Action(IntEnum):
    """What happens to the content; the greatest of all rules wins."""

    ALLOW = 0
    FLAG = 1
    REDACT = 2
    BLOCK = 3

    @property
    def word(self) -> str:
        """Its name in policies, JSON and on the wire."""
        return self.name.lower()


class Outcome(StrEnum):
    """What became of one rule."""

    FOUND = "found"
    CLEAR = "clear"
    FAILED = "failed"
    UNJUDGED = "unjudged"


SATURATED = "the models are saturated"
"""The reason of reports that are unjudged because the models had too much to do."""


NOT_NEEDED = "not needed"
"""Where the reason begins of a report on a rule that was left out because another has blocked."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one rule did about the parts that met the same outcome.

    A rule that found something in one part and could not judge another gives two reports.
    ``findings`` reached the rule's threshold; ``scores`` has the highest score of every category
    that the check reported, fired or not, and ``thresholds`` what each of them was held against.
    ``parts`` are the numbers of the parts it speaks of. ``batch`` is how many items ran together
    with its own in the model, at most; a verdict does not depend on it.
    """

    rule: str
    check: str
    outcome: Outcome
    action: Action
    findings: tuple[Finding, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    reason: str = ""
    milliseconds: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    batch: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that was put into a part of what is passed on, and the key that it was made with.

    ``payload`` is what it carries, in hexadecimal, as who finds it will read it. ``attachment`` is
    what stands beside the part instead of in it: hand it on with the part.
    """

    mark: str
    key_id: str
    part: int = 0
    payload: str = ""
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The action, and the content to pass on.

    ``content`` has no parts when the action is BLOCK: nothing can be passed on by mistake.
    ``reply`` is what the policy would have the user told instead. ``models`` maps the name of each
    model that the policy may run to the SHA-256 of its manifest, which lists that of every file.
    ``sealed`` holds what was hidden by ``redact: {as: sealed}``; hand it back with the answer.
    ``marks`` tells what was put into which parts of ``content``. ``fingerprint`` is the keyed hash
    of what was judged, where the engine was given a key; it is not told to callers.
    """

    id: str
    action: Action
    content: Content
    reports: tuple[Report, ...]
    policy: str
    policy_hash: str
    stage: Stage
    reply: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    milliseconds: float = 0.0
    sealed: str = field(default="", repr=False)
    marks: tuple[Marked, ...] = ()
    fingerprint: str = field(default="", repr=False)

    @property
    def blocked(self) -> bool:
        """Whether nothing may be passed on."""
        return self.action is Action.BLOCK

    @property
    def unjudged(self) -> tuple[Report, ...]:
        """The reports about what was not judged."""
        return tuple(report for report in self.reports if report.outcome is Outcome.UNJUDGED)
