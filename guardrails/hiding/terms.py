"""On what terms a policy hides values."""

from dataclasses import dataclass, field
from enum import StrEnum

from guardrails.hiding.vaults import Vault
from guardrails.keyring import Keyring


class Scope(StrEnum):
    """Within what the same value has the same pseudonym."""

    REQUEST = "request"
    POLICY = "policy"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Terms:
    """The keys, how far pseudonyms reach, and for how long what was sealed can be opened."""

    keyring: Keyring | None = None
    scope: Scope = Scope.POLICY
    expires: float = 3600.0
    """In seconds."""
    vault: Vault | None = field(default=None, repr=False)

    @property
    def told(self) -> str:
        """The terms for people; no secret is in them."""
        keys = ", ".join(key.id for key in self.keyring or ())
        where = "a vault" if self.vault else "a token"
        return f"keys {keys}; scope {self.scope.value}; {self.expires:g}s in {where}"
