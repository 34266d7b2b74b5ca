"""What goes wrong with works. Light: clients know it too."""

from guardrails.core.errors import GuardrailsError


class WorksError(GuardrailsError):
    """A store of works cannot be opened, read or written; the message says the way out."""


class UnknownWorkError(WorksError):
    """A collection has no work of that id."""
