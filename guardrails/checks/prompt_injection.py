"""Text that gives the model orders where it should only be read."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class PromptInjection(HeadCheck):
    """Finds orders to the model in what users write, and in what it is given to read."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "prompt_injection")
