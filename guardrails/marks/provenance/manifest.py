"""The mark `manifest`: a signed manifest beside a text, which stays as it is."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from pydantic import Field

from guardrails.core.content import Text
from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.keys import Keys
from guardrails.marks.provenance.credentials import Standing
from guardrails.marks.provenance.detached import TextManifests
from guardrails.settings import Settings

_HEXADECIMAL = re.compile(r"[0-9a-f]+")
_TOLD: Mapping[Standing, Detection] = MappingProxyType(
    {
        Standing.VALID: Detection(
            Decision.MARKED, tokens=1, reason="the signature is valid and the text is unchanged"
        ),
        Standing.TAMPERED: Detection(
            Decision.UNMARKED, reason="the text or its manifest was changed after signing"
        ),
        Standing.UNTRUSTED: Detection(
            Decision.UNDECIDABLE,
            reason="the manifest was signed with a key that is not in the ring",
        ),
    }
)


class ManifestSettings(Settings):
    """With which keys, and who writes."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    """The current key signs; every key verifies."""
    generator: str = ""
    """The name of the model that writes the texts."""


class Manifest:
    """Signs texts beside themselves, and verifies a text with its manifest.

    Changes of white space leave it valid, any other makes it invalid, so it comes last.
    """

    Settings = ManifestSettings
    inspects = Text

    def __init__(self, settings: ManifestSettings) -> None:
        self._manifests = TextManifests(settings.keyring, generator=settings.generator)

    @property
    def key_id(self) -> str:
        """The key that it signs with."""
        return self._manifests.key_id

    def embed(self, subject: Text, /) -> Text:
        """Give the text as it is."""
        return subject

    def attachment_for(self, subject: Text, told: Mapping[str, str], /) -> str:
        """Give the manifest, one line of JSON."""
        return self._manifests.sign(subject.text, told)

    def detect(self, _: Text, /) -> Detection:
        """Decide nothing: a text does not show whether it was signed."""
        return Detection(
            Decision.UNDECIDABLE, reason="the manifest stands beside the text, give it too"
        )

    def detect_with(self, subject: Text, attachment: str, /) -> Detection:
        """Hold a text against its manifest; the payload is the id of the decision."""
        try:
            found = self._manifests.verify(subject.text, attachment)
        except MarkError as error:
            return Detection(Decision.UNDECIDABLE, reason=str(error))
        told = _TOLD[found.standing]
        if told.decision is not Decision.MARKED:
            return told
        decision = found.said.get("decision_id", "")
        payload = decision if _HEXADECIMAL.fullmatch(decision) else ""
        return replace(told, key_id=found.said["key"], payload=payload)
