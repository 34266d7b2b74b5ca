"""Prompts that talk a model out of its rules."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class Jailbreak(HeadCheck):
    """Finds personas, games and pretexts that talk a model out of its rules."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "jailbreak")
