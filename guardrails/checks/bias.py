"""Stereotypes and sexism."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class Bias(HeadCheck):
    """Finds stereotypes of groups of people, and sexism."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "bias", "sexism")
