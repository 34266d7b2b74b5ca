"""Requests for help to do harm."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class HarmfulRequest(HeadCheck):
    """Finds requests for help to do harm."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "harmful_request")
