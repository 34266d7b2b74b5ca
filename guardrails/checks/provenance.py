"""Verifies where pictures say they are from: Content Credentials (C2PA) and the IPTC field."""

import asyncio
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from guardrails.core.check import Cost
from guardrails.core.content import Image
from guardrails.core.errors import KeyringError, MarkError
from guardrails.core.finding import Finding
from guardrails.marks.provenance import iptc
from guardrails.marks.provenance.certificates import authorities
from guardrails.marks.provenance.credentials import Credentials, Standing, read
from guardrails.settings import Settings

TAMPERED = "PROVENANCE_TAMPERED"
UNTRUSTED = "PROVENANCE_UNTRUSTED"
MISSING = "PROVENANCE_MISSING"
GENERATED = "GENERATED_MEDIA"

_UNSIGNED = 0.9
"""The score of what is only claimed: nobody gains by saying so falsely, but anybody can."""


class Require(StrEnum):
    """Which pictures pass."""

    VALID = "valid"
    """Those with a manifest that is whole and whose signer is trusted."""
    ANY = "any"
    """Those with a manifest that is whole."""
    NONE = "none"
    """All but those with a broken manifest."""


def _beside_policy(file: Path | None, info: ValidationInfo) -> Path | None:
    if file is None:
        return None
    path: Path = (info.context or {}).get("directory", Path()) / file
    try:
        authorities(str(path))
    except KeyringError as error:
        raise ValueError(str(error)) from None
    return path


class ProvenanceSettings(Settings):
    """What is asked of a picture."""

    require: Require = Require.NONE
    """A manifest that is whole and trusted (valid), whole (any), or none."""
    trusted: Annotated[Path | None, AfterValidator(_beside_policy)] = None
    """A PEM file beside the policy with the certificates of the authorities that are trusted."""


class Provenance:
    """Reports broken, unknown and missing manifests, and pictures that a model has made.

    Nothing leaves the machine: manifests elsewhere are not fetched, revocation is not asked for.
    """

    Settings = ProvenanceSettings
    inspects = Image
    cost = Cost.MODEL
    categories = (TAMPERED, UNTRUSTED, MISSING, GENERATED)

    def __init__(self, settings: ProvenanceSettings) -> None:
        self._require = settings.require
        self._trusted = authorities(str(settings.trusted)) if settings.trusted else ""
        try:
            read(b"", self._trusted)
        except MarkError as error:
            raise ValueError(str(error)) from None

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        """Look at the file, off the event loop: all of it is hashed."""
        return await asyncio.to_thread(lambda: tuple(self._look(subject.data)))

    def _look(self, data: bytes) -> Iterator[Finding]:
        found = read(data, self._trusted)
        yield from self._standing(found)
        if found.generated:
            sure = found.standing is Standing.VALID
            yield Finding(
                GENERATED, 1.0 if sure else _UNSIGNED, evidence=f"by a manifest, {found.standing}"
            )
        elif iptc.declares(data):
            yield Finding(GENERATED, _UNSIGNED, evidence="by the IPTC field, unsigned")

    def _standing(self, found: Credentials) -> Iterator[Finding]:
        told = ", ".join(found.faults)
        if found.standing is Standing.TAMPERED:
            yield Finding(TAMPERED, 1.0, evidence=told)
        elif found.standing is Standing.UNTRUSTED and self._require is Require.VALID:
            yield Finding(UNTRUSTED, 1.0, evidence=told)
        elif found.standing is Standing.NONE and self._require is not Require.NONE:
            yield Finding(MISSING, 1.0, evidence="no manifest in the file")
