"""The keys of a mark, as a setting: the ring of the policy unless one is given, or a source."""

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from guardrails.core.errors import KeyringError
from guardrails.keyring import Keyring


def _ring(value: Any, info: ValidationInfo) -> Keyring:
    ring = value or (info.context or {}).get("keyring")
    if isinstance(ring, Keyring):
        return ring
    if not (isinstance(ring, str) or callable(ring)):
        raise ValueError("no keys, give 'hiding: {keys: ...}' or 'keyring: k1:BASE64'")  # noqa: TRY004  # for pydantic
    try:
        return Keyring.parse(ring) if isinstance(ring, str) else Keyring.fetch(ring)
    except KeyringError as error:
        raise ValueError(str(error)) from None


Keys = Annotated[
    Keyring, PlainValidator(_ring), WithJsonSchema({"type": "string", "description": "k1:BASE64"})
]
