"""A folder of manifests: one that was stripped is found again by what the watermark carries."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from guardrails.core.errors import MarkError

_PAYLOAD = re.compile(r"[0-9a-f]{2,64}")
_SUFFIX = ".c2pa"


class Manifests:
    """Keeps each manifest under each payload that it is bound to.

    Payloads are short, so that two pictures may share one: ``find`` gives all, the newest first,
    and a person compares.

    Args:
        folder: where; it is made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with suppress(OSError):  # keeping says it where it fails
            folder.mkdir(parents=True, exist_ok=True)

    def keep(self, manifest: bytes, payloads: Iterable[str]) -> None:
        """Write a manifest for each payload.

        Raises:
            MarkError: a payload is not hexadecimal, or the folder cannot be written to.
        """
        for payload in payloads:
            name = f"{_checked(payload)}.{uuid4().hex}"
            try:
                part = self._folder / f"{name}.part"
                part.write_bytes(manifest)
                part.replace(self._folder / f"{name}{_SUFFIX}")  # a reader sees all of it or none
            except OSError as error:
                raise MarkError(
                    f"cannot keep a manifest in '{self._folder}': {error.strerror}"
                ) from None

    def find(self, payload: str) -> Iterator[bytes]:
        """Give the manifests that were bound to a payload, the newest first.

        Raises:
            MarkError: the payload is not hexadecimal.
        """
        found = self._folder.glob(f"{_checked(payload)}.*{_SUFFIX}")
        for path in sorted(found, key=lambda one: one.stat().st_mtime_ns, reverse=True):
            yield path.read_bytes()


def _checked(payload: str) -> str:
    if not _PAYLOAD.fullmatch(payload):
        raise MarkError("a payload is written in lower-case hexadecimal, up to 64 digits")
    return payload
