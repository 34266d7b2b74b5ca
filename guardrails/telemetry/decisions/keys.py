"""What the log needs of keys: to name persons, to fingerprint contents and to sign."""

import hmac
from dataclasses import dataclass, field

from guardrails.telemetry.decisions.signing import Signer, Verifier
from guardrails.telemetry.fingerprint import Fingerprint

PERSONS, SIGNATURES = "decision persons", "decision signatures"
"""What keys are derived for; see ``fingerprint.PURPOSE`` for the third."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """One key of the operator's ring, derived for each purpose."""

    id: str
    person: bytes = field(repr=False)
    fingerprint: bytes = field(repr=False)
    signer: Signer = field(repr=False)

    def mark_of(self, text: str) -> str:
        """Give the fingerprint of a content of one text, as the log has it."""
        one = Fingerprint(self.fingerprint)
        one.feed(0, text)
        return f"{self.id}:{one.hex}"

    def person_of(self, tenant: str, person: str) -> str:
        """Give what stands for a person in the log: only who has the key can tell who it is."""
        if not person:
            return ""
        said = f"{len(tenant)}:{tenant}{person}".encode(errors="surrogatepass")
        return f"{self.id}:{hmac.digest(self.person, said, 'sha256').hex()[:32]}"


@dataclass(frozen=True, slots=True)
class LogKeys:
    """All keys, the current one first; none where the log has no key."""

    keys: tuple[LogKey, ...] = ()

    @property
    def current(self) -> LogKey | None:
        """What new records are written with."""
        return self.keys[0] if self.keys else None

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """What signatures of any of the keys are verified with."""
        return tuple(key.signer.verifier for key in self.keys)

    def persons(self, tenant: str, person: str) -> frozenset[str]:
        """Give all that may stand for a person, whichever key it was written with."""
        return frozenset(key.person_of(tenant, person) for key in self.keys)
