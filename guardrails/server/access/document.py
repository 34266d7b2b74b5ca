"""The written form of the file of callers."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from guardrails.policy.schema import Name, Section, Switch, Unwritten, Words
from guardrails.server.access.scopes import Scope


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Digest: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Digests: TypeAlias = Annotated[tuple[Digest, ...], BeforeValidator(_listed)]


class CertificateSection(Section):
    """What a client certificate has to say; one of these."""

    uri: Words = ""
    """A URI among its alternative names, such as a SPIFFE ID."""
    dns: Words = ""
    """A DNS name among its alternative names."""
    common_name: Words = ""
    """The common name of its subject."""

    @property
    def written(self) -> tuple[tuple[str, str], ...]:
        """What is written, by its kind."""
        return tuple((kind, name) for kind, name in self if name)


class CallerSection(Section):
    """One caller: how it is known, and what it may do."""

    name: Name
    """For the log."""
    token_sha256: Digests = ()
    """Of its token; or a list, where an old one still holds."""
    token: Annotated[str, Unwritten] = Field("", repr=False)
    """Its token, as ${env:NAME}."""
    token_file: Words = ""
    """A file that holds its token, as seen from the folder of this one."""
    certificate: CertificateSection | None = None
    """What its certificate says, where clients are asked for one."""
    tenant: Words = ""
    """On whose behalf it asks."""
    any_tenant: Switch = False
    """It may name the tenant: a gateway."""
    policies: tuple[Words, ...] = ()
    """That it may use; ``*`` stands for any letters."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    """What it may do."""


class AccessDocument(Section):
    """One file of callers."""

    callers: Annotated[tuple[CallerSection, ...], Field(min_length=1)]
    """All that are known."""
