"""What can go wrong, and whose move it is. A block is a value, not an error."""

from collections.abc import Iterable
from typing import Self

from guardrails.core.problem import Problem


class GuardrailsError(Exception):
    """Anything that this package raises on purpose."""


class PolicyError(GuardrailsError):
    """The policy is wrong: its author must act. Holds every problem, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class UnknownPolicyError(GuardrailsError):
    """No policy of that name is loaded; ``name`` and ``loaded`` are there where they are known."""

    name = ""
    loaded: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, loaded: Iterable[str]) -> Self:
        """Tell which is not there, and which are."""
        known = tuple(sorted(loaded))
        error = cls(f"no policy '{name}' is loaded, there is: {', '.join(known) or 'none'}")
        error.name, error.loaded = name, known
        return error


class ModelError(GuardrailsError):
    """A model is missing, altered, or will not run."""


class KeyringError(GuardrailsError):
    """The keys cannot be used: the operator must act."""


class MarkError(GuardrailsError):
    """Content cannot carry a mark."""


class DecisionsError(GuardrailsError):
    """The log of decisions, or what was said of them, cannot be read or written."""


class UnknownDecisionError(DecisionsError):
    """No decision of that id is in the log."""


class ContentError(GuardrailsError):
    """Something was sent that cannot be judged."""


class OverloadedError(GuardrailsError):
    """There is no room: try again, after ``retry_after`` seconds where it is known."""

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class AccessError(GuardrailsError):
    """Whoever asks is not let in."""


class UnknownCallerError(AccessError):
    """Nobody here knows who asks."""


class ForbiddenError(AccessError):
    """Who asks is known, and may not do that."""


class SidecarError(GuardrailsError):
    """A sidecar cannot be reached, did not answer in time, or failed; raised by clients alone."""


class UnreachableError(SidecarError):
    """A sidecar cannot be reached, is not warm yet, or stops; raised by clients alone."""
