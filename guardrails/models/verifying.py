"""Whether the files of a model are those that its manifest names."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from guardrails.core.errors import ModelError
from guardrails.models.manifest import Manifest


class State(StrEnum):
    """What became of a file since its hash was taken."""

    OK = "ok"
    ALTERED = "altered"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verified:
    """One file of a model, as it was found."""

    file: str
    state: State


def verify(manifest: Manifest) -> tuple[Verified, ...]:
    """Hash every file of a model."""
    return tuple(Verified(file, _look(manifest, file)[0]) for file in manifest.files)


def verified(manifest: Manifest, file: str) -> bytes:
    """Read a file of a model.

    Raises:
        ModelError: it is missing, or was altered.
    """
    state, content = _look(manifest, file)
    if state is State.OK:
        return content
    found = "is missing" if state is State.MISSING else "was altered"
    raise ModelError(
        f"model '{manifest.name}': {manifest.folder / file} {found}, put the original back"
    )


def _look(manifest: Manifest, file: str) -> tuple[State, bytes]:
    try:
        content = (manifest.folder / file).read_bytes()
    except OSError:
        return State.MISSING, b""
    same = sha256(content).hexdigest() == manifest.files[file].sha256
    return (State.OK if same else State.ALTERED), content
