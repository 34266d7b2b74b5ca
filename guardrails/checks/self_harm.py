"""Talk of suicide, self-injury and disordered eating."""

from guardrails.checks.heads import HeadCheck, HeadSettings


class SelfHarm(HeadCheck):
    """Finds talk of suicide, self-injury and disordered eating."""

    Settings = HeadSettings

    def __init__(self, settings: HeadSettings) -> None:
        super().__init__(settings, "self_harm")
