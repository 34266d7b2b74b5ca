"""Violence that is depicted, praised or called for."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class Violence(HeadCheck):
    """Finds violence that is depicted, praised or called for."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "violence")
