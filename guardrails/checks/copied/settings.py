"""Which works a check compares with, and the terms under which a copy is permitted."""

from pydantic import Field

from guardrails.checks.stores import StoreAt
from guardrails.settings import Settings
from guardrails.works.work import Consent


class WorksSettings(Settings):
    """Where the works are: ``store`` starts at the policy's folder, or is ``postgresql://``."""

    store: StoreAt = Field(repr=False, min_length=1)
    collection: str = Field(min_length=1)


class CopiedSettings(WorksSettings):
    """Which copies are permitted: credited, and flagged at most."""

    permit: tuple[Consent, ...] = (Consent.ALLOWED,)
    """What owners have said that makes a copy permitted."""
    allow_licences: tuple[str, ...] = ()
    """Licences under which a copy is permitted, by their SPDX names, such as MIT."""
