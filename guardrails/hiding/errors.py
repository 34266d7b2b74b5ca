"""What can go wrong with keys and seals."""

from guardrails.core.errors import ContentError, GuardrailsError


class KeyringError(GuardrailsError):
    """The keys cannot be used: the operator must act."""


class SealError(ContentError):
    """A token cannot be opened here: it is over, altered, or somebody else's."""
