"""Language that hurts: insults, threats, hate, obscenity."""

from enum import StrEnum

from pydantic import Field

from guardrails.checks.heads import HeadCheck, HeadSettings


class Category(StrEnum):
    """What kind of hurt."""

    TOXICITY = "toxicity"
    SEVERE_TOXICITY = "severe_toxicity"
    OBSCENE = "obscene"
    THREAT = "threat"
    INSULT = "insult"
    IDENTITY_ATTACK = "identity_attack"
    HARASSMENT = "harassment"


class ToxicitySettings(HeadSettings):
    """Which kinds to report, and which model looks."""

    categories: tuple[Category, ...] = Field(
        (Category.TOXICITY, Category.THREAT, Category.INSULT, Category.IDENTITY_ATTACK),
        min_length=1,
        description="kinds to report",
    )


class Toxicity(HeadCheck):
    """Finds language that hurts, and marks the words that do."""

    Settings = ToxicitySettings

    def __init__(self, settings: ToxicitySettings) -> None:
        super().__init__(settings, *dict.fromkeys(settings.categories), marked=True)
