"""Sexual content in words."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class SexualContent(HeadCheck):
    """Finds sexual content in words."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "sexual")
