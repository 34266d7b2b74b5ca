"""What can go wrong, and whose move it is. A block is a value, not an error."""

from guardrails.core.problem import Problem


class GuardrailsError(Exception):
    """Anything that this package raises on purpose."""


class PolicyError(GuardrailsError):
    """The policy is wrong: its author must act. Holds every problem, in the order of the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class UnknownPolicyError(GuardrailsError):
    """No policy of that name is loaded."""


class ModelError(GuardrailsError):
    """A model is missing, altered, or will not run."""


class KeyringError(GuardrailsError):
    """The keys cannot be used: the operator must act."""


class MarkError(GuardrailsError):
    """Content cannot carry a mark."""


class ContentError(GuardrailsError):
    """Something was sent that cannot be judged."""


class OverloadedError(GuardrailsError):
    """The queue is full: try again later."""


class SidecarError(GuardrailsError):
    """A sidecar cannot be reached, did not answer in time, or failed; raised by clients alone."""
